import type { ChatId, MessageId, Millis, TaskId } from '@/contract/ids'
import { CHAT_MOVES, MESSAGES_KEPT, NOTES_KEPT } from '@/contract/limits'
import type { AgentOff, Attempt, Chat, Forgotten, LineKey, Message } from '@/contract/rows'
import { isPending } from '@/store/delivery'
import type { desk } from '@/store/reducers/desk'
import { IllegalTransition, knownBot, knownChat, knownTask, type ReducersOf } from '@/store/reducers/slice'
import type { Drafts } from '@/store/replica'

export const chats: Omit<ReducersOf<`chat.${string}` | `dialogScript.${string}`>, keyof typeof desk> = {
  'chat.started': (state, event, { ts, actor }) => {
    if (state.chats.has(event.chatId)) throw new IllegalTransition(`chat ${event.chatId} is there already`)
    const bot = knownBot(state, event.botId)
    state.chats.put(event.chatId, {
      id: event.chatId,
      botId: event.botId,
      botSteamId64: bot.steamId64,
      playerSteamId64: event.playerSteamId64,
      taskId: event.taskId,
      status: 'open',
      agentEnabled: event.agentEnabled,
      agentOff: event.agentEnabled ? null : ledByHand(event.taskId, ts, actor),
      epoch: 1,
      owner: null,
      agent: null,
      agentVersion: null,
      messages: [],
      forgotten: null,
      notes: [],
      read: {},
      scriptStep: null,
      turnAt: null,
      startedAt: ts,
      closedAt: null,
      snooze: null,
      mentions: [],
    })
    if (event.taskId !== null) {
      knownTask(state, event.taskId)
      state.tasks.update(event.taskId, { chatId: event.chatId })
    }
  },

  'chat.closed': (state, event, { ts }) => {
    const { status } = knownChat(state, event.chatId)
    if (!CHAT_MOVES[status].includes('closed')) {
      throw new IllegalTransition(`chat ${event.chatId} cannot go from ${status} to closed`)
    }
    state.chats.update(event.chatId, { status: 'closed', closedAt: ts, agentEnabled: false, turnAt: null })
  },

  'chat.archived': (state, event) => {
    for (const id of event.chatIds) {
      const chat = knownChat(state, id)
      if (chat.status === 'open') throw new IllegalTransition(`chat ${id} is open and cannot be archived`)
      state.chats.drop(id)
      rememberMeeting(state, chat)
    }
  },

  'chat.messageReceived': (state, event) => {
    append(state, event.chatId, event.message)
    state.chats.update(event.chatId, { turnAt: null, snooze: null })
  },

  'chat.messageEchoed': (state, event) => append(state, event.chatId, event.message),

  'chat.messageQueued': (state, event) => {
    append(state, event.chatId, event.message)
    if (event.retryOf !== null) settle(state, event.chatId, event.retryOf, { retriedAs: event.message.id })
    // what it was put off for is being done
    if (knownChat(state, event.chatId).snooze?.dueAt != null) state.chats.update(event.chatId, { snooze: null })
  },

  'chat.messageSending': (state, event, { ts }) =>
    settle(state, event.chatId, event.messageId, ({ attempt }) => ({
      delivery: 'sending',
      error: null,
      reason: null,
      attempt: { ...(attempt ?? NONE), handedAt: ts, retryAt: null },
      countedAt: ts,
    })),

  'chat.messageUnanswered': (state, event) =>
    settle(state, event.chatId, event.messageId, { delivery: 'sending', error: event.detail, reason: 'unanswered' }),

  'chat.messageWaiting': (state, event) =>
    settle(state, event.chatId, event.messageId, {
      delivery: 'queued',
      error: event.detail,
      reason: event.reason,
      attempt: { ...NONE, refusals: event.refusals, retryAt: event.until },
    }),

  'chat.messageInDoubt': (state, event) =>
    settle(state, event.chatId, event.messageId, { delivery: 'inDoubt', error: event.detail, reason: 'inDoubt' }),

  'chat.messageSent': (state, event) =>
    settle(state, event.chatId, event.messageId, {
      delivery: 'sent',
      error: null,
      reason: null,
      attempt: null,
      steamTs: event.steamTs,
      ordinal: event.ordinal,
    }),

  'chat.messageFailed': (state, event) =>
    settle(state, event.chatId, event.messageId, { delivery: 'failed', error: event.detail, reason: event.reason }),

  'chat.agentToggled': (state, event, { ts, actor }) => {
    const chat = knownChat(state, event.chatId)
    if (event.epoch !== chat.epoch + 1) {
      throw new IllegalTransition(`chat ${event.chatId} is in epoch ${chat.epoch}, the next is not ${event.epoch}`)
    }
    state.chats.update(event.chatId, {
      agentEnabled: event.enabled,
      agentOff: event.enabled ? null : { why: event.why ?? 'other', since: ts, by: actor, detail: event.detail },
      epoch: event.epoch,
      owner: event.enabled ? null : actor,
      turnAt: null,
      snooze: event.enabled ? null : chat.snooze,
    })
  },

  'chat.noteAdded': (state, event, { ts, actor }) => {
    const { notes } = knownChat(state, event.chatId)
    const note = { id: event.noteId, text: event.text, ts, author: actor }
    state.chats.update(event.chatId, { notes: [...notes.slice(-(NOTES_KEPT - 1)), note] })
  },

  'chat.noteRemoved': (state, event) => {
    const { notes } = knownChat(state, event.chatId)
    state.chats.update(event.chatId, { notes: notes.filter((note) => note.id !== event.noteId) })
  },

  'chat.read': (state, event, { actor }) => {
    const { read } = knownChat(state, event.chatId)
    state.chats.update(event.chatId, { read: { ...read, [actor]: event.upTo } })
  },

  'dialogScript.advanced': (state, event) => {
    knownChat(state, event.chatId)
    const { agent, agentVersion } = event
    state.chats.update(event.chatId, { scriptStep: event.step, agent, agentVersion, turnAt: event.waitUntil })
  },

  'dialogScript.completed': (state, event) => {
    knownChat(state, event.chatId)
    state.chats.update(event.chatId, { agent: event.agent, agentVersion: event.agentVersion, turnAt: null })
  },
}

/** Where an operator has taken the player off the list before: this chat came after it. */
function rememberMeeting(state: Drafts, { botSteamId64, botId, playerSteamId64, startedAt }: Chat): void {
  const account = botSteamId64 ?? state.bots.get(botId)?.steamId64
  const { clearedAt = null, clearedAmong = [] } = state.players.get(playerSteamId64) ?? {}
  if (account === undefined || clearedAt === null || startedAt <= clearedAt || clearedAmong.includes(account)) return
  state.players.update(playerSteamId64, { clearedAmong: [...clearedAmong, account] })
}

const NONE: Attempt = { handedAt: null, refusals: 0, retryAt: null }

/** Why a chat begins without its agent: it has no task, or a person was talking with the player already. */
function ledByHand(taskId: TaskId | null, since: Millis, by: string): AgentOff {
  return { why: taskId === null ? 'noTask' : 'operator', since, by, detail: null }
}

/** Append a message; over the limit, the oldest whose delivery is settled is dropped. */
function append(state: Drafts, id: ChatId, message: Message): void {
  const { messages, forgotten } = knownChat(state, id)
  const held = [...messages]
  let last = forgotten
  while (held.length >= MESSAGES_KEPT) {
    const place = held.findIndex((one) => !isPending(one))
    if (place < 0) break
    last = forget(last, ...(held.splice(place, 1) as [Message]))
  }
  state.chats.update(id, { messages: [...held, message], forgotten: last })
}

/** Keep what Steam knows the message by, so that it is no news when it comes again. */
function forget(forgotten: Forgotten | null, { from, steamTs, ordinal }: Message): Forgotten | null {
  if (steamTs === null || ordinal === null) return forgotten
  const before = forgotten ?? { bot: null, player: null }
  return { ...before, [from]: later(before[from], { steamTs, ordinal }) }
}

function later(one: LineKey | null, other: LineKey): LineKey {
  if (one === null || one.steamTs < other.steamTs) return other
  return one.steamTs === other.steamTs && one.ordinal < other.ordinal ? other : one
}

type Change = Partial<Message> | ((message: Message) => Partial<Message>)

function settle(state: Drafts, id: ChatId, messageId: MessageId, change: Change): void {
  const { messages } = knownChat(state, id)
  const changed = (message: Message) => (typeof change === 'function' ? change(message) : change)
  state.chats.update(id, {
    messages: messages.map((message) => (message.id === messageId ? { ...message, ...changed(message) } : message)),
  })
}
