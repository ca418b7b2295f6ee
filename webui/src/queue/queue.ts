/** All chats with what a person has to see to in each, kept change by change, and the queue of those that need one. */
import type { ChatId } from '@/contract/ids'
import type { Chat, Task } from '@/contract/rows'
import { viewOf } from '@/lists/useView'
import type { Grouping, GroupedRows } from '@/lists/groups'
import { isSnoozed, type Need, needsOf, oldest, type Whose, whoseIs } from '@/queue/needs'
import type { Replica } from '@/store/replica'
import type { Store } from '@/store/store'
import { type Change, Table } from '@/store/table'

/** A chat, and why it needs a person. */
export interface QueueRow extends Chat {
  /** The gravest first; none where nobody is needed. */
  readonly needs: readonly Need[]
  readonly whose: Whose
}

export const QUEUE_GROUPS = ['mine', 'nobodys', 'colleagues', 'byHand', 'snoozed', 'agent', 'closed'] as const
export type QueueGroup = (typeof QUEUE_GROUPS)[number]

export function queueGroup(row: QueueRow): QueueGroup {
  if (row.needs.length > 0) return row.whose
  if (row.status === 'closed') return 'closed'
  if (isSnoozed(row)) return 'snoozed'
  return row.agentEnabled ? 'agent' : 'byHand'
}

export function lastActivity(chat: Chat): number {
  return Math.max(chat.messages.at(-1)?.ts ?? 0, chat.startedAt)
}

/** Who needs a person stands on top, the oldest wait first; all else by what was said last. */
export const QUEUE_GROUPING: Grouping<QueueRow> = {
  groups: QUEUE_GROUPS,
  groupOf: queueGroup,
  orderOf: (row) => (row.needs.length > 0 ? oldest(row.needs) : -lastActivity(row)),
  keyOf: (row) => row.id,
}

export function queueRow(chat: Chat, task: Task | undefined, me: string | undefined): QueueRow {
  return { ...chat, needs: needsOf(chat, task, me), whose: whoseIs(chat, me) }
}

/** The rows of a store, as of its present state. */
export function queueTable(store: Store): Table<QueueRow> {
  return followerOf(store).table()
}

/** The same in groups, as the list shows them. */
export function queueOf(store: Store): GroupedRows<QueueRow> {
  return viewOf(store, queueTable, QUEUE_GROUPING).at(queueTable(store))
}

/** How many chats need me: mine, and those that nobody has. */
export function countNeedingMe({ groups }: GroupedRows<QueueRow>): number {
  return groups.reduce((sum, { name, rows }) => sum + (name === 'mine' || name === 'nobodys' ? rows.length : 0), 0)
}

/** The chat that needs me next, after this one where it is among them: mine first, then nobody's. */
export function nextNeedingMe({ groups }: GroupedRows<QueueRow>, after: ChatId | null): ChatId | undefined {
  const ids = groups.flatMap(({ name, rows }) =>
    name === 'mine' || name === 'nobodys' ? rows.map(({ id }) => id) : [],
  )
  const next = ids[(after === null ? -1 : ids.indexOf(after)) + 1] ?? ids[0]
  return next === after ? undefined : next
}

const followers = new WeakMap<Store, Follower>()

function followerOf(store: Store): Follower {
  const known = followers.get(store)
  if (known !== undefined) return known
  const follower = new Follower(store)
  followers.set(store, follower)
  // a table knows its last changes only: whoever looks seldom would have to begin anew
  store.subscribe(() => follower.table())
  return follower
}

/** The rows, brought up to date from the changes of chats and tasks. */
class Follower {
  readonly #store: Store
  #me: string | undefined
  #chats: Replica['chats']
  #tasks: Replica['tasks']
  #table: Table<QueueRow>

  constructor(store: Store) {
    const { replica, session } = store.getState()
    this.#store = store
    this.#me = session.me
    this.#chats = replica.chats
    this.#tasks = replica.tasks
    this.#table = this.#filled()
  }

  table(): Table<QueueRow> {
    const { replica, session } = this.#store.getState()
    const { chats, tasks } = replica
    if (chats === this.#chats && tasks === this.#tasks && session.me === this.#me) return this.#table
    const changed =
      session.me === this.#me
        ? changedChats(chats.since(this.#chats.version), tasks.since(this.#tasks.version))
        : undefined
    this.#chats = chats
    this.#tasks = tasks
    this.#me = session.me
    this.#table = changed === undefined ? this.#filled() : this.#updated(changed)
    return this.#table
  }

  #filled(): Table<QueueRow> {
    const draft = Table.empty<QueueRow>().edit()
    for (const chat of this.#chats) draft.put(chat.id, this.#row(chat))
    return draft.commit()
  }

  #updated(ids: ReadonlySet<string>): Table<QueueRow> {
    const draft = this.#table.edit()
    for (const id of ids) {
      const chat = this.#chats.get(id)
      if (chat === undefined) draft.drop(id)
      else draft.put(id, this.#row(chat))
    }
    return draft.commit()
  }

  #row(chat: Chat): QueueRow {
    return queueRow(chat, chat.taskId === null ? undefined : this.#tasks.get(chat.taskId), this.#me)
  }
}

/** The chats that have changed, or whose tasks have; undefined when that is not known. */
function changedChats(
  chats: readonly Change<Chat>[] | undefined,
  tasks: readonly Change<Task>[] | undefined,
): ReadonlySet<string> | undefined {
  if (chats === undefined || tasks === undefined) return undefined
  const ids = new Set(chats.map(({ key }) => key))
  for (const change of tasks)
    for (const task of [change.old, change.new]) if (task?.chatId != null) ids.add(task.chatId)
  return ids
}
