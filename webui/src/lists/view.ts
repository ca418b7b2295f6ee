/**
 * Rows of a table as a list shows them: filtered, grouped, sorted, and kept so change by change. A batch of fifty events
 * costs fifty binary searches, not a sort of a hundred thousand rows.
 */
import type { Change, Table } from '@/store/table'

export interface Lens<R> {
  /** In the order in which they are shown. */
  readonly groups: readonly string[]
  /** The group of a row; undefined when the list does not show it. */
  readonly groupOf: (row: R) => string | undefined
  /** Order within a group. Rows that compare equal are ordered by key. */
  readonly compare: (a: R, b: R) => number
  readonly keyOf: (row: R) => string
}

export interface Group<R> {
  readonly name: string
  readonly rows: readonly R[]
}

/** What a list shows now. A new object whenever it has changed. */
export interface Shown<R> {
  readonly groups: readonly Group<R>[]
  readonly total: number
}

export class View<R> {
  readonly #lens: Lens<R>
  readonly #rows: Map<string, R[]>
  #shown: Shown<R>
  #version: number

  constructor(lens: Lens<R>, table: Table<R>) {
    this.#lens = lens
    this.#rows = new Map(lens.groups.map((name) => [name, []]))
    this.#version = table.version
    this.#shown = this.#build(table)
  }

  /** What is to be shown of this version of the table. */
  at(table: Table<R>): Shown<R> {
    if (table.version === this.#version) return this.#shown
    const changes = table.since(this.#version)
    this.#version = table.version
    if (changes === undefined) this.#shown = this.#build(table)
    else if (changes.filter((change) => this.#apply(change)).length > 0) this.#shown = this.#show()
    return this.#shown
  }

  #build(table: Table<R>): Shown<R> {
    for (const rows of this.#rows.values()) rows.length = 0
    for (const row of table) this.#group(row)?.push(row)
    for (const rows of this.#rows.values()) rows.sort(this.#order)
    return this.#show()
  }

  #show(): Shown<R> {
    const groups = this.#lens.groups.map((name) => ({ name, rows: this.#rows.get(name) ?? [] }))
    return { groups, total: groups.reduce((sum, group) => sum + group.rows.length, 0) }
  }

  #apply(change: Change<R>): boolean {
    const from = change.old === undefined ? undefined : this.#group(change.old)
    const to = change.new === undefined ? undefined : this.#group(change.new)
    if (from !== undefined) from.splice(this.#find(from, change.old!), 1)
    if (to !== undefined) to.splice(this.#find(to, change.new!), 0, change.new!)
    return from !== undefined || to !== undefined
  }

  #group(row: R): R[] | undefined {
    const name = this.#lens.groupOf(row)
    return name === undefined ? undefined : this.#rows.get(name)
  }

  readonly #order = (a: R, b: R): number => {
    const { compare, keyOf } = this.#lens
    return compare(a, b) || (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0)
  }

  /** Where the row lies, or would. */
  #find(rows: readonly R[], row: R): number {
    let [low, high] = [0, rows.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#order(rows[middle]!, row) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
