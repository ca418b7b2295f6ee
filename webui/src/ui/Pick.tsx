import type { ReactNode, RefObject } from 'react'

import { useTexts } from '@/i18n/useTexts'
import type { Section } from '@/lists/layout'
import styles from '@/ui/Pick.module.css'
import type { Picks } from '@/ui/picks'
import { useSignal } from '@/ui/signals'

/** The box before a row, by which it is chosen. */
export function RowPick<R>({ picks, row }: { picks: Picks<R>; row: R }) {
  const texts = useTexts()
  return (
    // the whole of the margin can be hit; a key on the box comes here as a click too
    <span className={styles.pick} onClick={() => picks.toggle(row)}>
      <input type="checkbox" readOnly checked={picks.has(row)} aria-label={texts.bulk.pick(picks.nameOf(row))} />
    </span>
  )
}

/** The box before a group: all of its rows, in sight or not. */
export function GroupPick<R>({ picks, section, label }: { picks: Picks<R>; section: Section<R>; label: ReactNode }) {
  const texts = useTexts()
  const { rows } = section
  const all = picks.keys.size >= rows.length && rows.every((row) => picks.has(row))
  return (
    <span className={styles.pick} onClick={() => picks.set(rows, !all)}>
      <input
        type="checkbox"
        readOnly
        checked={all}
        aria-label={texts.bulk.pickGroup(typeof label === 'string' ? label : section.name, rows.length)}
      />
    </span>
  )
}

/** The key that chooses the row that has the focus, or else the one that is open. */
export function usePickKey<R>(
  scroller: RefObject<HTMLElement | null>,
  picks: Picks<R> | undefined,
  current: string | null,
  inOrder: () => readonly R[],
  keyOf: (row: R) => string,
): void {
  useSignal('pick', () => {
    const focused = scroller.current?.querySelector<HTMLElement>('[data-key]:focus-within')
    const key = focused?.dataset['key'] ?? current
    const row = inOrder().find((one) => keyOf(one) === key)
    if (row !== undefined) picks?.toggle(row)
  })
}
