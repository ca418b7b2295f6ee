import type { ReactNode } from 'react'

import type { Count } from '@/contract/history'
import styles from '@/features/reports/Bars.module.css'
import { CountLink, type FigureTable } from '@/features/reports/Figure'
import { Meter } from '@/features/reports/Strip'
import { inPercent } from '@/i18n/numbers'

export interface BarRow {
  readonly key: string
  readonly name: string
  readonly count: Count
}

/** A bar a row, as long as its share of the longest; the share beside it is of them all. */
export function Bars({ rows, of }: { rows: readonly BarRow[]; of: number }): ReactNode {
  const most = Math.max(1, ...rows.map(({ count }) => count.n))
  return (
    <div className={styles.bars}>
      {rows.map(({ key, name, count }) => (
        <div key={key} className={styles.row}>
          <span className={styles.name} title={name}>
            {name}
          </span>
          <span className={styles.bar}>
            <Meter part={count.n} whole={most} />
          </span>
          <span className={styles.number}>
            <CountLink count={count} of={name} />
          </span>
          <span className={styles.share}>{inPercent(count.n, of)}</span>
        </div>
      ))}
    </div>
  )
}

export function barTable(rows: readonly BarRow[], of: number, head: readonly string[]): FigureTable {
  return { head, rows: rows.map(({ name, count }) => [name, { count, of: name }, inPercent(count.n, of)]) }
}
