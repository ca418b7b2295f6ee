/** What the reducers of all tables share: their type, and the rows that must be there. */
import type { BotId, ChatId, TaskId } from '@/contract/ids'
import type { Bot, Chat, Task } from '@/contract/rows'
import type { Changing, EventAction } from '@/store/events'
import type { Drafts } from '@/store/replica'

export type Reducer<K extends Changing> = (
  state: Drafts,
  event: EventAction<K>['payload'],
  meta: EventAction['meta'],
) => void

/** A reducer for every kind of that form: one that is forgotten does not compile. */
export type ReducersOf<Form extends string> = { readonly [K in Extract<Changing, Form>]: Reducer<K> }

/** The event does not fit this state: the page is not what the server is, and needs a new snapshot. */
export class IllegalTransition extends Error {}

export function knownBot(state: Drafts, id: BotId): Bot {
  const bot = state.bots.get(id)
  if (bot === undefined) throw new IllegalTransition(`there is no bot ${id}`)
  return bot
}

export function knownTask(state: Drafts, id: TaskId): Task {
  const task = state.tasks.get(id)
  if (task === undefined) throw new IllegalTransition(`there is no task ${id}`)
  return task
}

export function knownChat(state: Drafts, id: ChatId): Chat {
  const chat = state.chats.get(id)
  if (chat === undefined) throw new IllegalTransition(`there is no chat ${id}`)
  return chat
}
