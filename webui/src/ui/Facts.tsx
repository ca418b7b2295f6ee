import type { ReactNode } from 'react'

import styles from '@/ui/Facts.module.css'

/** A list of names and values (`dl`). */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>
}

export function Fact({ name, title, children }: { name: string; title?: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd title={title}>{children}</dd>
    </div>
  )
}

interface WhyProps {
  readonly tone: string
  readonly why?: string | undefined
  readonly next?: string | undefined
  readonly said?: string | undefined
}

/** The explanation of a status: the reason, what a person should do, and a quotation. */
export function Why({ tone, why, next, said }: WhyProps) {
  return (
    <div className={styles.why} data-tone={tone}>
      {why !== undefined && <span>{why}</span>}
      {next !== undefined && <strong>{next}</strong>}
      {said !== undefined && <q className={styles.said}>{said}</q>}
    </div>
  )
}
