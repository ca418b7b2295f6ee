import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'

import type { TableName, Tables } from '@/contract/tables'
import type { Lens, Shown } from '@/lists/groups'
import { Search } from '@/lists/search'
import { View } from '@/lists/view'
import { type Store, useAppStore } from '@/store/store'
import type { Table } from '@/store/table'
import { yieldToBrowser } from '@/store/yieldToBrowser'

/** A search goes on for so long before others have their turn. */
const LOOK_MS = 6

/**
 * What a list shows of a table, followed change by change. `finds` are the rows that it is about, all where it is missing:
 * new ones are looked for little by little, and what was shown before stands meanwhile.
 */
export function useView<T extends TableName>(
  name: T,
  lens: Lens<Tables[T]>,
  finds?: (row: Tables[T]) => boolean,
): Shown<Tables[T]> {
  const store = useAppStore()
  const list = useMemo(() => new List(store, name, lens), [store, name, lens])
  const source = useMemo(() => list.through(finds), [list, finds])
  return useSyncExternalStore(source.subscribe, source.snapshot)
}

interface Source<R> {
  readonly subscribe: (changed: () => void) => () => void
  readonly snapshot: () => Shown<R>
}

class List<T extends TableName> {
  readonly #store: Store
  readonly #name: T
  readonly #view: View<Tables[T]>
  #source: Source<Tables[T]>

  constructor(store: Store, name: T, lens: Lens<Tables[T]>) {
    this.#store = store
    this.#name = name
    this.#view = viewOf(store, name, lens)
    this.#source = this.#all()
  }

  through(finds: ((row: Tables[T]) => boolean) | undefined): Source<Tables[T]> {
    this.#source = finds === undefined ? this.#all() : this.#found(finds)
    return this.#source
  }

  #all(): Source<Tables[T]> {
    return {
      subscribe: (changed) => this.#store.subscribe(changed),
      snapshot: () => this.#view.at(tableOf(this.#store, this.#name)),
    }
  }

  #found(finds: (row: Tables[T]) => boolean): Source<Tables[T]> {
    const table = () => tableOf(this.#store, this.#name)
    const search = new Search(this.#view, table(), finds, this.#source.snapshot())
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

/** The views of a store, each made once: to sort all rows anew whenever a list is gone to would hold the page. */
const views = new WeakMap<Store, Map<Lens<never>, View<never>>>()

function viewOf<T extends TableName>(store: Store, name: T, lens: Lens<Tables[T]>): View<Tables[T]> {
  const known = views.get(store) ?? new Map<Lens<never>, View<never>>()
  views.set(store, known)
  const found = known.get(lens) as unknown as View<Tables[T]> | undefined
  if (found !== undefined) return found
  const view = new View<Tables[T]>(lens, tableOf(store, name))
  known.set(lens, view as unknown as View<never>)
  // a view that is not looked at goes along all the same: a table knows its last changes only
  store.subscribe(() => view.at(tableOf(store, name)))
  return view
}

function tableOf<T extends TableName>(store: Store, name: T): Table<Tables[T]> {
  return store.getState().replica[name] as unknown as Table<Tables[T]>
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
