import type { ReactNode } from 'react'

import styles from '@/ui/Facts.module.css'

/** Names and values below each other. */
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

/** The reason of a status, what a person should do, and what somebody has said about it. */
export function Why({ tone, why, next, said }: WhyProps) {
  return (
    <div className={styles.why} data-tone={tone}>
      {why !== undefined && <span>{why}</span>}
      {next !== undefined && <strong>{next}</strong>}
      {said !== undefined && <q className={styles.said}>{said}</q>}
    </div>
  )
}
