import styles from '@/ui/Avatar.module.css'
import { hue } from '@/ui/hue'

/** A person as two letters in a circle; who it is and what they do stands beside it, or in its title. */
export function Avatar({
  name,
  away,
  typing,
  title,
}: {
  name: string
  away?: boolean
  typing?: boolean
  title: string
}) {
  return (
    <span
      className={styles.avatar}
      data-hue={hue(name)}
      data-away={away === true || undefined}
      data-typing={typing === true || undefined}
      role="img"
      aria-label={title}
      title={title}
      // drawn by the style sheet: letters are a picture here, and no part of any name
      data-letters={name.slice(0, 2)}
    />
  )
}
