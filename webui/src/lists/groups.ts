/** Rows in sorted groups, updated by binary search: what every list shows. */

export interface Grouping<R> {
  /** In the order in which they are shown. */
  readonly groups: readonly string[]
  /** The group of a row; undefined when the list never shows it. */
  readonly groupOf: (row: R) => string | undefined
  /** What the rows of a group are ordered by, the smallest first. Rows that are equal in it are ordered by key. */
  readonly orderOf: (row: R) => number | string
  readonly keyOf: (row: R) => string
}

export interface Group<R> {
  readonly name: string
  readonly rows: readonly R[]
  /** Where the row is among them, -1 when it is not; it may be looked for one by one where this is missing. */
  readonly indexOf?: (row: R) => number
}

/** The groups that a list shows. A new object whenever one has changed. */
export interface GroupedRows<R> {
  readonly groups: readonly Group<R>[]
  readonly total: number
}

export class Groups<R> {
  readonly #grouping: Grouping<R>
  readonly #rows: Map<string, R[]>

  constructor(grouping: Grouping<R>) {
    this.#grouping = grouping
    this.#rows = new Map(grouping.groups.map((name) => [name, []]))
  }

  /** Begin anew with these rows, in any order. What they are ordered by is asked once of each. */
  fill(table: Iterable<R>): void {
    const { orderOf } = this.#grouping
    const entries = new Map(this.#grouping.groups.map((name) => [name, [] as { row: R; order: number | string }[]]))
    for (const row of table) entries.get(this.#grouping.groupOf(row) ?? '')?.push({ row, order: orderOf(row) })
    for (const [name, of] of entries) {
      of.sort((a, b) => compare(a.order, b.order) || this.#byKey(a.row, b.row))
      this.#rows.set(
        name,
        of.map(({ row }) => row),
      )
    }
  }

  clear(): void {
    for (const name of this.#rows.keys()) this.#rows.set(name, [])
  }

  /** Put a row behind all others of its group: for rows that come in order. */
  append(row: R): void {
    this.#of(row)?.push(row)
  }

  /** Returns whether the row is of a group that is shown. */
  insert(row: R): boolean {
    const rows = this.#of(row)
    rows?.splice(this.#place(rows, row), 0, row)
    return rows !== undefined
  }

  /** Returns whether the row was there. */
  remove(row: R): boolean {
    const rows = this.#of(row)
    const place = rows === undefined ? -1 : this.#indexOf(rows, row)
    if (place >= 0) rows?.splice(place, 1)
    return place >= 0
  }

  shown(): GroupedRows<R> {
    const groups = [...this.#rows].map(([name, rows]) => ({
      name,
      rows,
      indexOf: (row: R) => this.#indexOf(rows, row),
    }))
    return { groups, total: groups.reduce((sum, { rows }) => sum + rows.length, 0) }
  }

  /** All rows as they stand now, group by group; a copy. */
  inOrder(): R[] {
    return [...this.#rows.values()].flat()
  }

  #of(row: R): R[] | undefined {
    const name = this.#grouping.groupOf(row)
    return name === undefined ? undefined : this.#rows.get(name)
  }

  #indexOf(rows: readonly R[], row: R): number {
    const place = this.#place(rows, row)
    return rows[place] === row ? place : -1
  }

  /** Where the row lies, or would. */
  #place(rows: readonly R[], row: R): number {
    const { orderOf } = this.#grouping
    const order = orderOf(row)
    let [low, high] = [0, rows.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = rows[middle]!
      if ((compare(orderOf(other), order) || this.#byKey(other, row)) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #byKey(a: R, b: R): number {
    const { keyOf } = this.#grouping
    return compare(keyOf(a), keyOf(b))
  }
}

function compare<O extends number | string>(a: O, b: O): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A key for natural sorting: case-insensitive, and 9 before 10. */
export function naturalSortKey(text: string): string {
  return text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(DIGITS, '0'))
}

/** Digits that numbers are padded to: those of a SteamID, and some more. */
const DIGITS = 20
