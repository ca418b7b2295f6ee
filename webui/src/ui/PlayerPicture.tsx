import type { SteamId64 } from '@/contract/ids'
import { useAppSelector } from '@/store/store'
import styles from '@/ui/Avatar.module.css'
import { hue } from '@/ui/hue'

/**
 * A circle that stands for a player's picture, which is never fetched: its colour comes from the picture's hash, its
 * letters from the name. The name stands beside it.
 */
export function PlayerPicture({ steamId64 }: { steamId64: SteamId64 }) {
  const persona = useAppSelector((state) => state.replica.players.get(steamId64)?.persona)
  if (persona == null) return null
  return (
    <span
      className={styles.avatar}
      data-hue={hue(persona.avatar ?? steamId64)}
      data-letters={letters(persona.name ?? steamId64.slice(-2))}
      aria-hidden
    />
  )
}

/** The first two letters that a person would count as such: half a picture is none. */
function letters(name: string): string {
  const first: string[] = []
  for (const { segment } of segmenter.segment(name)) {
    if (segment.trim() !== '') first.push(segment)
    if (first.length === 2) break
  }
  return first.join('')
}

const segmenter = new Intl.Segmenter()
