/**
 * The rows of a list that a search finds, or a filter lets pass. All rows are looked through once, a few milliseconds at a
 * time, so that keys and the screen never wait for the words of twenty thousand chats; from then on change by change.
 */
import { Groups, type Shown } from '@/lists/groups'
import type { View } from '@/lists/view'
import type { Change, Table } from '@/store/table'

/** How many rows are looked at between two looks at the clock. */
const STRIDE = 32
/** While it goes on, what was found so far is shown as often as this. */
const SHOW_MS = 200

export class Search<R> {
  readonly #view: View<R>
  readonly #finds: (row: R) => boolean
  readonly #now: () => number
  readonly #groups: Groups<R>
  /** The very rows that are shown: whether an old row was found then cannot be asked any more. */
  readonly #found = new Set<R>()
  #shown: Shown<R>
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
    finds: (row: R) => boolean,
    before: Shown<R>,
    now = () => performance.now(),
  ) {
    this.#view = view
    this.#finds = finds
    this.#now = now
    this.#groups = new Groups(view.lens)
    this.#shown = before
    this.#version = table.version
    this.#rows = view.inOrder(table)
    this.#shownAt = now()
  }

  get done(): boolean {
    return this.#done
  }

  /** What is to be shown of this version of the table. */
  at(table: Table<R>): Shown<R> {
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
        if (!this.#finds(row)) continue
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
    const came = change.new !== undefined && this.#finds(change.new) && this.#groups.insert(change.new)
    if (came) this.#found.add(change.new!)
    return left || came
  }
}
