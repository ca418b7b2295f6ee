import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'

import type { TableName, Tables } from '@/contract/tables'
import { type Lens, type Shown, View } from '@/lists/view'
import { useAppStore } from '@/store/store'
import type { Table } from '@/store/table'

/** What a list shows of a table, followed change by change. A new lens looks through the whole table once. */
export function useView<T extends TableName>(name: T, lens: Lens<Tables[T]>): Shown<Tables[T]> {
  const store = useAppStore()
  const source = useMemo(() => {
    const table = () => store.getState().replica[name] as unknown as Table<Tables[T]>
    const view = new View<Tables[T]>(lens, table())
    return { subscribe: (changed: () => void) => store.subscribe(changed), snapshot: () => view.at(table()) }
  }, [store, name, lens])
  return useSyncExternalStore(source.subscribe, source.snapshot)
}

/** `value`, once it has stood still for `ms`: typing a search does not look through everything at every letter. */
export function useSettled<V>(value: V, ms = 120): V {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}
