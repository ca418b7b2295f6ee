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

/** The reason of a status, and what a person should do. */
export function Why({ tone, why, next }: { tone: string; why: string; next?: string | undefined }) {
  return (
    <div className={styles.why} data-tone={tone}>
      <span>{why}</span>
      {next !== undefined && <strong>{next}</strong>}
    </div>
  )
}
