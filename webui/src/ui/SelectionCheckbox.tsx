import type { ReactNode, RefObject } from 'react'

import { useTexts } from '@/i18n/useTexts'
import type { Section } from '@/lists/layout'
import type { RowSelection } from '@/ui/selection'
import styles from '@/ui/SelectionCheckbox.module.css'
import { useUiEvent } from '@/ui/uiEvents'

/** The checkbox that selects a row. */
export function RowCheckbox<R>({ selection, row }: { selection: RowSelection<R>; row: R }) {
  const texts = useTexts()
  return (
    // the whole of the margin can be hit; a key on the box comes here as a click too
    <span className={styles.pick} onClick={() => selection.toggle(row)}>
      <input
        type="checkbox"
        readOnly
        checked={selection.has(row)}
        aria-label={texts.bulk.pick(selection.nameOf(row))}
      />
    </span>
  )
}

/** The checkbox that selects all rows of a group, rendered or not. */
export function GroupCheckbox<R>({
  selection,
  section,
  label,
}: {
  selection: RowSelection<R>
  section: Section<R>
  label: ReactNode
}) {
  const texts = useTexts()
  const { rows } = section
  const all = selection.keys.size >= rows.length && rows.every((row) => selection.has(row))
  return (
    <span className={styles.pick} onClick={() => selection.set(rows, !all)}>
      <input
        type="checkbox"
        readOnly
        checked={all}
        aria-label={texts.bulk.pickGroup(typeof label === 'string' ? label : section.name, rows.length)}
      />
    </span>
  )
}

/** The shortcut that selects the focused row, or else the open one. */
export function useSelectShortcut<R>(
  scroller: RefObject<HTMLElement | null>,
  selection: RowSelection<R> | undefined,
  current: string | null,
  inOrder: () => readonly R[],
  keyOf: (row: R) => string,
): void {
  useUiEvent('selectRow', () => {
    const focused = scroller.current?.querySelector<HTMLElement>('[data-key]:focus-within')
    const key = focused?.dataset['key'] ?? current
    const row = inOrder().find((one) => keyOf(one) === key)
    if (row !== undefined) selection?.toggle(row)
  })
}
