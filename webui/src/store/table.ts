/**
 * A table of rows by key, in the order in which they were first put: persistent, so that an old version stays readable,
 * and cheap enough for a hundred thousand rows under five hundred changes a second.
 *
 * Rows lie in chunks, which a new version shares with the old one except where it differs. Where a key lies is told by
 * one map for all versions, since a row keeps its position until it is dropped; see `Positions`.
 */

const CHUNK = 256
/** Commits that a table remembers the changes of: a follower that reads less often starts anew. */
const LOG = 64

/** One row before and after a commit; undefined where there was or is none. */
export interface Change<R> {
  readonly key: string
  readonly old: R | undefined
  readonly new: R | undefined
}

type Chunk<R> = readonly (R | undefined)[]

/**
 * Positions of keys, in ascending order. Versions share it as long as they only append: a version reads the positions
 * below its own `end`, and copies the map before it adds to it when another version has gone on from there.
 */
interface Positions {
  readonly of: Map<string, number>
  next: number
}

interface Slots<R> {
  readonly chunks: readonly Chunk<R>[]
  readonly positions: Positions
  /** Positions given out, the holes of dropped rows included. */
  readonly end: number
  readonly size: number
}

interface Commit<R> {
  /** The version that it changed. */
  readonly from: number
  readonly changes: readonly Change<R>[]
}

/** No two tables have the same version, whatever they hold: it stands for the identity of a table. */
let versions = 0

export class Table<R> implements Iterable<R> {
  readonly version: number
  readonly #slots: Slots<R>
  readonly #log: readonly Commit<R>[]

  private constructor(slots: Slots<R>, log: readonly Commit<R>[]) {
    this.version = versions += 1
    this.#slots = slots
    this.#log = log
  }

  static empty<R>(): Table<R> {
    return new Table<R>({ chunks: [], positions: { of: new Map(), next: 0 }, end: 0, size: 0 }, [])
  }

  get size(): number {
    return this.#slots.size
  }

  get(key: string): R | undefined {
    const position = positionIn(this.#slots, key)
    return position === undefined ? undefined : rowAt(this.#slots.chunks, position)
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  *[Symbol.iterator](): Iterator<R> {
    for (const chunk of this.#slots.chunks) for (const row of chunk) if (row !== undefined) yield row
  }

  rows(): R[] {
    return this.#slots.chunks.flatMap((chunk) => chunk.filter((row) => row !== undefined))
  }

  /** The rows from that number on, at most so many. */
  slice(start: number, count: number): R[] {
    const rows: R[] = []
    let skip = this.#slots.size === this.#slots.end ? start % CHUNK : start // without holes, chunks are skipped whole
    const first = skip === start ? 0 : Math.floor(start / CHUNK)
    for (const chunk of this.#slots.chunks.slice(first)) {
      for (const row of chunk) {
        if (rows.length === count) return rows
        if (row === undefined) continue
        if (skip > 0) skip -= 1
        else rows.push(row)
      }
    }
    return rows
  }

  /** What has changed since that version, in order; undefined when this table does not descend from it, as far as it knows. */
  since(version: number): readonly Change<R>[] | undefined {
    if (version === this.version) return []
    const start = this.#log.findIndex((commit) => commit.from === version)
    return start < 0 ? undefined : this.#log.slice(start).flatMap((commit) => commit.changes)
  }

  /** Write the next version: this one stays as it is. */
  edit(): Draft<R> {
    return new Draft(this.#slots, (slots, changes) => {
      if (changes === undefined) return slots.end === this.#slots.end ? this : new Table(slots, [])
      if (changes.length === 0) return this
      return new Table(compact(slots), [...this.#log.slice(1 - LOG), { from: this.version, changes }])
    })
  }
}

/** The next version of a table, while reducers write it. Its reads see what was written. */
export class Draft<R> {
  readonly #finish: (slots: Slots<R>, changes: readonly Change<R>[] | undefined) => Table<R>
  readonly #chunks: Chunk<R>[]
  /** The chunks that belong to this draft alone: all others are copied before they are written. */
  readonly #own = new Map<number, (R | undefined)[]>()
  /** Rows as they were. Not kept of an empty table that is being filled: nobody follows it yet. */
  readonly #before: Map<string, R | undefined> | undefined
  #positions: Positions
  #end: number
  #size: number
  #oldest = 0

  constructor(base: Slots<R>, finish: (slots: Slots<R>, changes: readonly Change<R>[] | undefined) => Table<R>) {
    this.#finish = finish
    this.#before = base.size === 0 ? undefined : new Map()
    this.#chunks = base.chunks.slice()
    this.#positions = base.positions
    this.#end = base.end
    this.#size = base.size
  }

  get size(): number {
    return this.#size
  }

  get(key: string): R | undefined {
    const position = this.#position(key)
    return position === undefined ? undefined : rowAt(this.#chunks, position)
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  /** Add the row, or replace the one of its key where it lies. */
  put(key: string, row: R): void {
    const position = this.#position(key)
    const old = position === undefined ? undefined : rowAt(this.#chunks, position)
    this.#remember(key, old)
    if (position !== undefined && old !== undefined) {
      this.#write(position, row)
    } else {
      this.#write(this.#append(key), row)
      this.#size += 1
    }
  }

  /** Replace some fields of a row. Throws when there is none of that key. */
  update(key: string, fields: Partial<R>): void {
    const old = this.get(key)
    if (old === undefined) throw new RangeError(`there is no row ${key} to update`)
    this.put(key, { ...old, ...fields })
  }

  /** Remove the row of that key, if there is one. */
  drop(key: string): void {
    const position = this.#position(key)
    const old = position === undefined ? undefined : rowAt(this.#chunks, position)
    if (position === undefined || old === undefined) return
    this.#remember(key, old)
    this.#write(position, undefined)
    this.#size -= 1
  }

  /** Every row with its key, in order. */
  entries(): [string, R][] {
    const entries: [string, R][] = []
    for (const [key, position] of this.#positions.of) {
      const row = position < this.#end ? rowAt(this.#chunks, position) : undefined
      if (row !== undefined) entries.push([key, row])
    }
    return entries
  }

  /** The row that was put before all others. */
  oldest(): R | undefined {
    for (; this.#oldest < this.#end; this.#oldest += 1) {
      const row = rowAt(this.#chunks, this.#oldest)
      if (row !== undefined) return row
    }
    return undefined
  }

  /** The version that was written. The draft is not to be used any more. */
  commit(): Table<R> {
    if (this.#before === undefined) return this.#finish(this.#slots(), undefined)
    const changes: Change<R>[] = []
    for (const [key, old] of this.#before) {
      const now = this.get(key)
      if (now !== old) changes.push({ key, old, new: now })
    }
    return this.#finish(this.#slots(), changes)
  }

  #position(key: string): number | undefined {
    const position = this.#positions.of.get(key)
    return position === undefined || position >= this.#end ? undefined : position
  }

  #slots(): Slots<R> {
    return { chunks: this.#chunks, positions: this.#positions, end: this.#end, size: this.#size }
  }

  #remember(key: string, old: R | undefined): void {
    if (this.#before?.has(key) === false) this.#before.set(key, old)
  }

  #append(key: string): number {
    if (this.#positions.next !== this.#end || this.#positions.of.has(key)) {
      this.#positions = { of: positionsOfRows(this.#slots()), next: this.#end }
    }
    const position = this.#end
    this.#positions.of.set(key, position)
    this.#positions.next = this.#end = position + 1
    return position
  }

  #write(position: number, row: R | undefined): void {
    const index = Math.floor(position / CHUNK)
    let chunk = this.#own.get(index)
    if (chunk === undefined) {
      chunk = this.#chunks[index]?.slice() ?? []
      this.#own.set(index, chunk)
      this.#chunks[index] = chunk
    }
    chunk[position % CHUNK] = row
  }
}

function positionIn(slots: Slots<unknown>, key: string): number | undefined {
  const position = slots.positions.of.get(key)
  return position === undefined || position >= slots.end ? undefined : position
}

function rowAt<R>(chunks: readonly Chunk<R>[], position: number): R | undefined {
  return chunks[Math.floor(position / CHUNK)]?.[position % CHUNK]
}

function positionsOfRows<R>(slots: Slots<R>): Map<string, number> {
  const positions = new Map<string, number>()
  for (const [key, position] of slots.positions.of) {
    if (position < slots.end && rowAt(slots.chunks, position) !== undefined) positions.set(key, position)
  }
  return positions
}

/** The same rows without holes, once the holes outnumber the rows. */
function compact<R>(slots: Slots<R>): Slots<R> {
  if (slots.end - slots.size <= Math.max(CHUNK, slots.size)) return slots
  const rows: R[] = []
  const positions = new Map<string, number>()
  for (const [key, position] of positionsOfRows(slots)) {
    positions.set(key, rows.length)
    rows.push(rowAt(slots.chunks, position)!)
  }
  const chunks = Array.from({ length: Math.ceil(rows.length / CHUNK) }, (_, index) =>
    rows.slice(index * CHUNK, (index + 1) * CHUNK),
  )
  return { chunks, positions: { of: positions, next: rows.length }, end: rows.length, size: rows.length }
}
