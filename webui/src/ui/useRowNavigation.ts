import type { RefObject } from 'react'

import type { GroupedRows } from '@/lists/groups'
import type { ListHandle } from '@/ui/GroupedList'
import { useUiEvent } from '@/ui/uiEvents'

/** Keyboard navigation: the next and the previous row of a list, in the order shown. */
export function useRowNavigation<R>(
  shown: GroupedRows<R>,
  isFolded: (group: string) => boolean,
  isCurrent: (row: R) => boolean,
  list: RefObject<ListHandle<R> | null>,
  go: (row: R) => void,
): void {
  const step = (by: 1 | -1) => {
    const rows = shown.groups.flatMap(({ name, rows }) => (isFolded(name) ? [] : rows))
    const at = rows.findIndex(isCurrent)
    const next = at < 0 && by < 0 ? rows.at(-1) : rows[at + by]
    if (next === undefined) return
    go(next)
    list.current?.reveal(next)
  }
  useUiEvent('nextRow', () => step(1))
  useUiEvent('previousRow', () => step(-1))
}
