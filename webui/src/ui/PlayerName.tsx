import type { SteamId64 } from '@/contract/ids'
import { playerName } from '@/explain/player'
import { useAppSelector } from '@/store/store'

/** A player by name, the SteamID in its title; by the SteamID where Steam has told no name. */
export function PlayerName({ steamId64 }: { steamId64: SteamId64 }) {
  const name = useAppSelector((state) => playerName(steamId64, state.replica.players))
  return <bdi {...(name === steamId64 ? {} : { title: steamId64 })}>{name}</bdi>
}
