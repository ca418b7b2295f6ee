/**
 * The rows of a list that match a search or a filter. All rows are looked through once, in time slices, so that input and
 * rendering never wait for the words of twenty thousand chats; from then on change by change.
 */
import { Groups, type GroupedRows } from '@/lists/groups'
import type { View } from '@/lists/view'
import type { Change, Table } from '@/store/table'

/** Rows matched between two readings of the clock. */
const STRIDE = 32
/** The interval at which partial results are shown. */
const SHOW_MS = 200

export class Search<R> {
  readonly #view: View<R>
  readonly #matches: (row: R) => boolean
  readonly #now: () => number
  readonly #groups: Groups<R>
  /** The very rows that are shown: whether an old row was found then cannot be asked any more. */
  readonly #found = new Set<R>()
  #shown: GroupedRows<R>
  #version: number
  #rows: readonly R[]
  #next = 0
  #done = false
  /** What has changed since the rows were taken that are being looked through. */
  #pending: Change<R>[] = []
  #shownAt: number

  /** Shows what was shown `before` until it has found something, or nothing. */
  constructor(
    view: View<R>,
    table: Table<R>,
    matches: (row: R) => boolean,
    before: GroupedRows<R>,
    now = () => performance.now(),
  ) {
    this.#view = view
    this.#matches = matches
    this.#now = now
    this.#groups = new Groups(view.grouping)
    this.#shown = before
    this.#version = table.version
    this.#rows = view.inOrder(table)
    this.#shownAt = now()
  }

  get done(): boolean {
    return this.#done
  }

  /** What is to be shown of this version of the table. */
  at(table: Table<R>): GroupedRows<R> {
    if (table.version === this.#version) return this.#shown
    const changes = table.since(this.#version)
    this.#version = table.version
    if (changes === undefined) this.#begin(table)
    else if (!this.#done) this.#pending.push(...changes)
    else if (changes.filter((change) => this.#apply(change)).length > 0) this.#shown = this.#groups.shown()
    return this.#shown
  }

  /** Look on for so long, or to the end. Returns whether there is something new to show. */
  look(ms: number): boolean {
    const until = this.#now() + ms
    while (this.#next < this.#rows.length) {
      for (const row of this.#rows.slice(this.#next, this.#next + STRIDE)) {
        if (!this.#matches(row)) continue
        this.#found.add(row)
        this.#groups.append(row)
      }
      this.#next += STRIDE
      if (this.#next < this.#rows.length && this.#now() >= until) return this.#showSoFar()
    }
    for (const change of this.#pending) this.#apply(change)
    this.#pending = []
    this.#rows = []
    this.#next = 0
    this.#done = true
    this.#shown = this.#groups.shown()
    return true
  }

  #showSoFar(): boolean {
    if (this.#found.size === 0 || this.#now() < this.#shownAt + SHOW_MS) return false
    this.#shownAt = this.#now()
    this.#shown = this.#groups.shown()
    return true
  }

  #begin(table: Table<R>): void {
    this.#rows = this.#view.inOrder(table)
    this.#next = 0
    this.#done = false
    this.#pending = []
    this.#found.clear()
    this.#groups.clear()
  }

  #apply(change: Change<R>): boolean {
    const left = change.old !== undefined && this.#found.delete(change.old) && this.#groups.remove(change.old)
    const came = change.new !== undefined && this.#matches(change.new) && this.#groups.insert(change.new)
    if (came) this.#found.add(change.new!)
    return left || came
  }
}
