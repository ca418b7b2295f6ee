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
  const store = useAppStore()
  const list = useMemo(() => new List(store, name, grouping), [store, name, grouping])
  const source = useMemo(() => list.through(matches), [list, matches])
  return useSyncExternalStore(source.subscribe, source.snapshot)
}

interface Source<R> {
  readonly subscribe: (changed: () => void) => () => void
  readonly snapshot: () => GroupedRows<R>
}

class List<T extends TableName> {
  readonly #store: Store
  readonly #name: T
  readonly #view: View<Tables[T]>
  #source: Source<Tables[T]>

  constructor(store: Store, name: T, grouping: Grouping<Tables[T]>) {
    this.#store = store
    this.#name = name
    this.#view = viewOf(store, name, grouping)
    this.#source = this.#all()
  }

  through(matches: ((row: Tables[T]) => boolean) | undefined): Source<Tables[T]> {
    this.#source = matches === undefined ? this.#all() : this.#found(matches)
    return this.#source
  }

  #all(): Source<Tables[T]> {
    return {
      subscribe: (changed) => this.#store.subscribe(changed),
      snapshot: () => this.#view.at(tableOf(this.#store, this.#name)),
    }
  }

  #found(matches: (row: Tables[T]) => boolean): Source<Tables[T]> {
    const table = () => tableOf(this.#store, this.#name)
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

function viewOf<T extends TableName>(store: Store, name: T, grouping: Grouping<Tables[T]>): View<Tables[T]> {
  const known = views.get(store) ?? new Map<Grouping<never>, View<never>>()
  views.set(store, known)
  const found = known.get(grouping) as unknown as View<Tables[T]> | undefined
  if (found !== undefined) return found
  const view = new View<Tables[T]>(grouping, tableOf(store, name))
  known.set(grouping, view as unknown as View<never>)
  // a view that is not looked at goes along all the same: a table knows its last changes only
  store.subscribe(() => view.at(tableOf(store, name)))
  return view
}

function tableOf<T extends TableName>(store: Store, name: T): Table<Tables[T]> {
  return store.getState().replica[name] as unknown as Table<Tables[T]>
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
