import type { ReactNode } from 'react'

import type { Tone } from '@/explain/explain'
import styles from '@/ui/Status.module.css'

/** A status badge: a coloured dot with a word, since colour alone says nothing to some. */
export function Status({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={styles.status} data-tone={tone}>
      <span className={styles.dot} aria-hidden />
      {children}
    </span>
  )
}

export function Dot({ tone, label }: { tone: Tone; label: string }) {
  return <span className={styles.dot} data-tone={tone} role="img" aria-label={label} title={label} />
}
