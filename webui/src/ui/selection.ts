/** The selected rows of a list, for bulk commands. Kept by key: a row that changes stays selected. */
import { useCallback, useMemo, useRef, useState } from 'react'

import { useUiEvent } from '@/ui/uiEvents'

export interface RowSelection<R> {
  readonly keys: ReadonlySet<string>
  readonly has: (row: R) => boolean
  /** Choose the row, or no longer. */
  readonly toggle: (row: R) => void
  /** Choose everything from the row that was chosen last to this one, in this order. */
  readonly extend: (row: R, order: readonly R[]) => void
  readonly set: (rows: readonly R[], chosen: boolean) => void
  /** Keep of the chosen ones only these. */
  readonly keep: (keys: ReadonlySet<string>) => void
  /** What a screen reader calls the row. */
  readonly nameOf: (row: R) => string
}

export function useRowSelection<R>(keyOf: (row: R) => string, nameOf: (row: R) => string): RowSelection<R> {
  const [keys, setKeys] = useState<ReadonlySet<string>>(NONE)
  const anchor = useRef<string>(undefined)
  useUiEvent('clearSelection', () => setKeys(NONE))

  const toggle = useCallback(
    (row: R) => {
      anchor.current = keyOf(row)
      setKeys((before) => toggled(before, keyOf(row)))
    },
    [keyOf],
  )
  const extend = useCallback(
    (row: R, order: readonly R[]) => {
      const keysInOrder = order.map(keyOf)
      const from = anchor.current
      anchor.current ??= keyOf(row)
      setKeys((before) => extended(before, keysInOrder, from, keyOf(row)))
    },
    [keyOf],
  )
  const set = useCallback(
    (rows: readonly R[], chosen: boolean) =>
      setKeys((before) => {
        const after = new Set(before)
        for (const row of rows)
          if (chosen) after.add(keyOf(row))
          else after.delete(keyOf(row))
        return after
      }),
    [keyOf],
  )
  const keep = useCallback(
    (kept: ReadonlySet<string>) => setKeys((before) => new Set([...before].filter((key) => kept.has(key)))),
    [],
  )
  return useMemo(
    () => ({ keys, has: (row) => keys.has(keyOf(row)), toggle, extend, set, keep, nameOf }),
    [keys, keyOf, toggle, extend, set, keep, nameOf],
  )
}

const NONE: ReadonlySet<string> = new Set()

export function toggled(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const after = new Set(keys)
  if (!after.delete(key)) after.add(key)
  return after
}

/** With all keys between these two, both ends included; with `to` alone where `from` is not in this order. */
export function extended(
  keys: ReadonlySet<string>,
  order: readonly string[],
  from: string | undefined,
  to: string,
): ReadonlySet<string> {
  const [at, end] = [from === undefined ? -1 : order.indexOf(from), order.indexOf(to)]
  if (at < 0 || end < 0) return new Set(keys).add(to)
  return new Set([...keys, ...order.slice(Math.min(at, end), Math.max(at, end) + 1)])
}
