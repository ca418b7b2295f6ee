import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'

import type { TableName, Tables } from '@/contract/tables'
import type { Grouping, GroupedRows } from '@/lists/groups'
import { Search } from '@/lists/search'
import { View } from '@/lists/view'
import { type Store, useAppStore } from '@/store/store'
import type { Table } from '@/store/table'
import { yieldToBrowser } from '@/store/yieldToBrowser'

/** The time slice of a search, before it yields to the browser. */
const LOOK_MS = 6

/**
 * The grouped rows of a table, updated change by change. `matches` filters them, where there is a filter: a new one is applied in
 * time slices, and the rows of the one before stand meanwhile.
 */
export function useView<T extends TableName>(
  name: T,
  grouping: Grouping<Tables[T]>,
  matches?: (row: Tables[T]) => boolean,
): GroupedRows<Tables[T]> {
  return useTableView(replicaTable(name), grouping, matches)
}

/** The same for a table that is made of the store's state. `tableOf` stays the same function. */
export function useTableView<R>(
  tableOf: TableOf<R>,
  grouping: Grouping<R>,
  matches?: (row: R) => boolean,
): GroupedRows<R> {
  const store = useAppStore()
  const list = useMemo(() => new List(store, tableOf, grouping), [store, tableOf, grouping])
  const source = useMemo(() => list.through(matches), [list, matches])
  return useSyncExternalStore(source.subscribe, source.snapshot)
}

interface Source<R> {
  readonly subscribe: (changed: () => void) => () => void
  readonly snapshot: () => GroupedRows<R>
}

class List<R> {
  readonly #store: Store
  readonly #tableOf: TableOf<R>
  readonly #view: View<R>
  #source: Source<R>

  constructor(store: Store, tableOf: TableOf<R>, grouping: Grouping<R>) {
    this.#store = store
    this.#tableOf = tableOf
    this.#view = viewOf(store, tableOf, grouping)
    this.#source = this.#all()
  }

  through(matches: ((row: R) => boolean) | undefined): Source<R> {
    this.#source = matches === undefined ? this.#all() : this.#found(matches)
    return this.#source
  }

  #all(): Source<R> {
    return {
      subscribe: (changed) => this.#store.subscribe(changed),
      snapshot: () => this.#view.at(this.#tableOf(this.#store)),
    }
  }

  #found(matches: (row: R) => boolean): Source<R> {
    const table = () => this.#tableOf(this.#store)
    const search = new Search(this.#view, table(), matches, this.#source.snapshot())
    search.look(LOOK_MS)
    return {
      subscribe: (changed) => {
        let [left, looking] = [false, false]
        const lookOn = async () => {
          if (looking) return
          looking = true
          while (!search.done && !isOver()) {
            if (search.look(LOOK_MS)) changed()
            await yieldToBrowser()
          }
          looking = false
        }
        const isOver = () => left // asked anew: it may have come to be while others had their turn
        const unsubscribe = this.#store.subscribe(() => {
          search.at(table())
          changed()
          void lookOn() // a new snapshot is looked through from its beginning
        })
        void lookOn()
        return () => {
          left = true
          unsubscribe()
        }
      },
      snapshot: () => search.at(table()),
    }
  }
}

/** A cache of views per store: sorting all rows anew whenever a list is opened would block the page. */
const views = new WeakMap<Store, Map<Grouping<never>, View<never>>>()

/** The view of a store's table, the same one for all who ask. */
export function viewOf<R>(store: Store, tableOf: TableOf<R>, grouping: Grouping<R>): View<R> {
  const known = views.get(store) ?? new Map<Grouping<never>, View<never>>()
  views.set(store, known)
  const found = known.get(grouping) as unknown as View<R> | undefined
  if (found !== undefined) return found
  const view = new View<R>(grouping, tableOf(store))
  known.set(grouping, view as unknown as View<never>)
  // a view that is not looked at goes along all the same: a table knows its last changes only
  store.subscribe(() => view.at(tableOf(store)))
  return view
}

/** A table of a store, as of its present state. */
export type TableOf<R> = (store: Store) => Table<R>

const replicaTables = new Map<TableName, TableOf<never>>()

function replicaTable<T extends TableName>(name: T): TableOf<Tables[T]> {
  const known = replicaTables.get(name) as TableOf<Tables[T]> | undefined
  if (known !== undefined) return known
  const tableOf = (store: Store) => store.getState().replica[name] as unknown as Table<Tables[T]>
  replicaTables.set(name, tableOf as unknown as TableOf<never>)
  return tableOf
}

/** `value`, debounced: it changes once the value has stayed the same for `ms`. */
export function useDebounced<V>(value: V, ms = 120): V {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}
