/**
 * Rows of a table as a list shows them: grouped, sorted, and kept so change by change. A batch of fifty events costs fifty
 * binary searches, not a sort of a hundred thousand rows.
 */
import { Groups, type Lens, type Shown } from '@/lists/groups'
import type { Change, Table } from '@/store/table'

export class View<R> {
  readonly lens: Lens<R>
  readonly #groups: Groups<R>
  #shown: Shown<R>
  #version: number

  constructor(lens: Lens<R>, table: Table<R>) {
    this.lens = lens
    this.#groups = new Groups(lens)
    this.#groups.fill(table)
    this.#version = table.version
    this.#shown = this.#groups.shown()
  }

  /** What is to be shown of this version of the table. */
  at(table: Table<R>): Shown<R> {
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
