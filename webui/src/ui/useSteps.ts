import type { RefObject } from 'react'

import type { Shown } from '@/lists/groups'
import type { ListHandle } from '@/ui/GroupedList'
import { useSignal } from '@/ui/signals'

/** The keys that go from row to row of a list, as it is shown. */
export function useSteps<R>(
  shown: Shown<R>,
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
  useSignal('nextRow', () => step(1))
  useSignal('previousRow', () => step(-1))
}
