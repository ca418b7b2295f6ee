import type { ChatId } from '@/contract/ids'
import type { Mention } from '@/contract/rows'
import { IllegalTransition, knownChat, type ReducersOf } from '@/store/reducers/slice'
import type { Drafts } from '@/store/replica'

type Kinds =
  'chat.snoozed' | 'chat.snoozeExpired' | 'chat.unsnoozed' | 'chat.assigned' | 'chat.mentioned' | 'chat.mentionRead'

export const desk: ReducersOf<Kinds> = {
  'chat.snoozed': (state, event, { ts, actor }) => {
    knownChat(state, event.chatId)
    state.chats.update(event.chatId, { snooze: { until: event.until, since: ts, by: actor, dueAt: null } })
  },

  'chat.snoozeExpired': (state, event, { ts }) => {
    const { snooze } = knownChat(state, event.chatId)
    if (snooze === null) throw new IllegalTransition(`chat ${event.chatId} is not snoozed`)
    state.chats.update(event.chatId, { snooze: { ...snooze, dueAt: ts } })
  },

  'chat.unsnoozed': (state, event) => {
    knownChat(state, event.chatId)
    state.chats.update(event.chatId, { snooze: null })
  },

  'chat.assigned': (state, event, { ts, actor }) => {
    const { status, agentEnabled } = knownChat(state, event.chatId)
    if (status !== 'open' || agentEnabled) {
      throw new IllegalTransition(`chat ${event.chatId} is led by no person, and cannot be handed to one`)
    }
    state.chats.update(event.chatId, { owner: event.to, snooze: null })
    if (event.to === actor) return
    mention(state, event.chatId, { operator: event.to, why: 'assigned', since: ts, by: actor, noteId: event.noteId })
  },

  'chat.mentioned': (state, event, { ts, actor }) => {
    knownChat(state, event.chatId)
    for (const operator of event.operators)
      mention(state, event.chatId, { operator, why: 'named', since: ts, by: actor, noteId: event.noteId })
  },

  'chat.mentionRead': (state, event, { actor }) => {
    knownChat(state, event.chatId)
    forget(state, event.chatId, actor)
  },
}

/** The latest call of an operator takes the place of the one before. */
function mention(state: Drafts, id: ChatId, one: Mention): void {
  forget(state, id, one.operator)
  state.chats.update(id, { mentions: [...knownChat(state, id).mentions, one] })
}

function forget(state: Drafts, id: ChatId, operator: string): void {
  const { mentions } = knownChat(state, id)
  state.chats.update(id, { mentions: mentions.filter((one) => one.operator !== operator) })
}
