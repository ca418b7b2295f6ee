/**
 * Rows of a table as a list shows them: grouped, sorted, and kept so change by change. A batch of fifty events costs fifty
 * binary searches, not a sort of a hundred thousand rows.
 */
import { Groups, type Grouping, type GroupedRows } from '@/lists/groups'
import type { Change, Table } from '@/store/table'

export class View<R> {
  readonly grouping: Grouping<R>
  readonly #groups: Groups<R>
  #shown: GroupedRows<R>
  #version: number

  constructor(grouping: Grouping<R>, table: Table<R>) {
    this.grouping = grouping
    this.#groups = new Groups(grouping)
    this.#groups.fill(table)
    this.#version = table.version
    this.#shown = this.#groups.shown()
  }

  /** What is to be shown of this version of the table. */
  at(table: Table<R>): GroupedRows<R> {
    if (table.version === this.#version) return this.#shown
    const changes = table.since(this.#version)
    this.#version = table.version
    if (changes === undefined) this.#groups.fill(table)
    else if (changes.filter((change) => this.#apply(change)).length === 0) return this.#shown
    this.#shown = this.#groups.shown()
    return this.#shown
  }

  /** The rows of this version of the table in the order in which they are shown; a copy. */
  inOrder(table: Table<R>): R[] {
    this.at(table)
    return this.#groups.inOrder()
  }

  #apply(change: Change<R>): boolean {
    const left = change.old !== undefined && this.#groups.remove(change.old)
    const came = change.new !== undefined && this.#groups.insert(change.new)
    return left || came
  }
}
