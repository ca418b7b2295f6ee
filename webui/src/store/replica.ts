/** The page's copy of the kernel's state: its tables, and the seq of the last event that they were folded from. */
import type { Envelope } from '@/contract/events'
import type { Contact } from '@/contract/rows'
import { KEY_FIELDS, type SnapshotPart, TABLE_NAMES, type TableName, type Tables } from '@/contract/tables'
import { type Draft, Table } from '@/store/table'

export type Replica = { readonly [T in TableName]: Table<Tables[T]> } & {
  readonly seq: number
  readonly ts: number
}

/** What reducers write: the tables' next version. */
export type Drafts = { readonly [T in TableName]: Draft<Tables[T]> }

const CONTACT: Contact = {
  id: 'contact',
  paused: false,
  pausedBy: null,
  pausedAt: null,
  invites: [],
  stopWords: [],
}

export function emptyReplica(): Replica {
  const replica = mapTables(() => Table.empty()) as Replica
  const contacts = replica.contacts.edit()
  contacts.put(CONTACT.id, CONTACT)
  return { ...replica, contacts: contacts.commit(), seq: 0, ts: 0 }
}

export function edit(replica: Replica): Drafts {
  return mapTables((name) => replica[name].edit()) as Drafts
}

export function commit(drafts: Drafts, last: Pick<Envelope, 'seq' | 'ts'>): Replica {
  const tables = mapTables((name) => drafts[name].commit()) as Replica
  return { ...tables, seq: last.seq, ts: last.ts }
}

/** Every row of every table, in order: the form in which copies of the state are compared. */
export interface Plain {
  readonly seq: number
  readonly ts: number
  readonly tables: { readonly [T in TableName]: readonly Tables[T][] }
}

export function toPlain(replica: Replica): Plain {
  const tables = mapTables((name) => replica[name].rows()) as Plain['tables']
  return { seq: replica.seq, ts: replica.ts, tables }
}

function mapTables(make: (name: TableName) => unknown): unknown {
  return Object.fromEntries(TABLE_NAMES.map((name) => [name, make(name)]))
}

/** Assembles a snapshot from its parts, which come one by one and in order. */
export class SnapshotAssembly {
  readonly #drafts = edit(mapTables(() => Table.empty()) as Replica)
  #arrived = 0

  /** Take the next part. Returns the replica when it was the last; throws when it does not follow the one before. */
  add(part: SnapshotPart): Replica | undefined {
    if (part.part !== this.#arrived + 1) throw new RangeError(`part ${part.part} came after part ${this.#arrived}`)
    this.#arrived = part.part
    for (const name of TABLE_NAMES) this.#load(name, part)
    return part.part === part.parts ? commit(this.#drafts, part) : undefined
  }

  #load(name: TableName, part: SnapshotPart): void {
    // Which table it is makes no difference here: a row goes into the table whose slice of the part it came in.
    const draft = this.#drafts[name] as Draft<unknown>
    const keyField: string = KEY_FIELDS[name]
    for (const row of part.state[name] ?? []) draft.put((row as unknown as Record<string, string>)[keyField]!, row)
  }
}
