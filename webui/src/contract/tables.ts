// Generated from kernel/ by `python -m webui.contract`: do not edit.

import type { Account, Bot, CannedReply, Chat, Contact, DoneCommand, Invite, Operator, Player, PluginRow, Task } from "./rows"

/** The row that each table of the state holds. */
export interface Tables {
  readonly bots: Bot
  readonly tasks: Task
  readonly invites: Invite
  readonly chats: Chat
  readonly players: Player
  readonly accounts: Account
  readonly contacts: Contact
  readonly replies: CannedReply
  readonly operators: Operator
  readonly commands: DoneCommand
  readonly plugins: PluginRow
}

export type TableName = keyof Tables

/** In the order in which a snapshot lists them. */
export const TABLE_NAMES: readonly TableName[] = [
  "bots",
  "tasks",
  "invites",
  "chats",
  "players",
  "accounts",
  "contacts",
  "replies",
  "operators",
  "commands",
  "plugins"
]

/** The field by which a table knows its rows. */
export const KEY_FIELDS = {
  bots: "id",
  tasks: "id",
  invites: "taskId",
  chats: "id",
  players: "steamId64",
  accounts: "steamId64",
  contacts: "id",
  replies: "id",
  operators: "actor",
  commands: "id",
  plugins: "name",
} as const satisfies { [T in TableName]: keyof Tables[T] }

/** One message of a snapshot: all parts of it stand at the same `seq`; `state` holds a slice of the rows. */
export interface SnapshotPart {
  readonly seq: number
  readonly ts: number
  readonly part: number
  readonly parts: number
  readonly state: { readonly [T in TableName]?: readonly Tables[T][] }
}

/**
 * What `count` rows of a table, from its row number `start` on, come to at `seq`; `size` rows are in it in all.
 *
 * `crc32` is that of the rows as one JSON array in UTF-8, written as a snapshot writes them: fields in the order of
 * the contract, no white space, nothing escaped that need not be.
 */
export interface Check {
  readonly seq: number
  readonly table: string
  readonly size: number
  readonly start: number
  readonly count: number
  readonly crc32: number
}

export type Counted = "span" | "running"
/** Which fields move when the clock steps, with those of the records in a field beneath it. */
export interface Moving {
  readonly [field: string]: Counted | Moving
}
export const MOVING: { readonly [T in TableName]?: Moving } = {
  bots: {"statusSince": "span", "retryAt": "span", "lastSeen": "span", "addedAt": "span", "invitesBlockedUntil": "span", "messagesHeldUntil": "span", "tradesHeldUntil": "span"},
  tasks: {"statusSince": "span", "createdAt": "span", "reasonSince": "span", "waitingUntil": "span", "deal": {"since": "span", "tradedAt": "span", "reversibleUntil": "span"}},
  invites: {"queuedAt": "span", "requestedAt": "running", "sentAt": "span", "retryAt": "span"},
  chats: {"agentOff": {"since": "span"}, "messages": {"ts": "span", "countedAt": "running", "attempt": {"handedAt": "span", "retryAt": "span"}}, "turnAt": "span", "startedAt": "span", "closedAt": "span"},
  players: {"clearedAt": "span"},
  accounts: {"lastInviteAt": "span", "leftBehind": {"since": "span"}},
  contacts: {"invites": "running"},
  operators: {"caughtUpAt": "span"},
}
