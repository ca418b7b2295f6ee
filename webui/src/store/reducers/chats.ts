import type { ChatId, MessageId } from '@/contract/ids'
import { MESSAGES_KEPT, NOTES_KEPT } from '@/contract/limits'
import type { Message } from '@/contract/rows'
import type { Drafts } from '@/store/replica'
import { IllegalTransition, knownBot, knownChat, knownTask, type ReducersOf } from '@/store/reducers/slice'

export const chats: ReducersOf<`chat.${string}` | `dialogScript.${string}`> = {
  'chat.started': (state, event, { ts }) => {
    if (state.chats.has(event.chatId)) throw new IllegalTransition(`chat ${event.chatId} is there already`)
    knownBot(state, event.botId)
    state.chats.put(event.chatId, {
      id: event.chatId,
      botId: event.botId,
      playerSteamId64: event.playerSteamId64,
      taskId: event.taskId,
      status: 'open',
      agentEnabled: event.agentEnabled,
      epoch: 1,
      owner: null,
      agent: null,
      messages: [],
      notes: [],
      read: {},
      scriptStep: null,
      turnAt: null,
      startedAt: ts,
      closedAt: null,
    })
    if (event.taskId !== null) {
      knownTask(state, event.taskId)
      state.tasks.update(event.taskId, { chatId: event.chatId })
    }
  },

  'chat.closed': (state, event, { ts }) => {
    if (knownChat(state, event.chatId).status !== 'open') {
      throw new IllegalTransition(`chat ${event.chatId} is closed already`)
    }
    state.chats.update(event.chatId, { status: 'closed', closedAt: ts, agentEnabled: false, turnAt: null })
  },

  'chat.messageReceived': (state, event) => {
    append(state, event.chatId, event.message)
    state.chats.update(event.chatId, { turnAt: null })
  },

  'chat.messageEchoed': (state, event) => append(state, event.chatId, event.message),

  'chat.messageQueued': (state, event) => {
    append(state, event.chatId, event.message)
    if (event.retryOf !== null) settle(state, event.chatId, event.retryOf, { retriedAs: event.message.id })
  },

  'chat.messageSent': (state, event) =>
    settle(state, event.chatId, event.messageId, {
      delivery: 'sent',
      steamTs: event.steamTs,
      ordinal: event.ordinal,
    }),

  'chat.messageFailed': (state, event) =>
    settle(state, event.chatId, event.messageId, { delivery: 'failed', error: event.detail, reason: event.reason }),

  'chat.agentToggled': (state, event, { actor }) => {
    const chat = knownChat(state, event.chatId)
    if (event.epoch !== chat.epoch + 1) {
      throw new IllegalTransition(`chat ${event.chatId} is in epoch ${chat.epoch}, the next is not ${event.epoch}`)
    }
    state.chats.update(event.chatId, {
      agentEnabled: event.enabled,
      epoch: event.epoch,
      owner: event.enabled ? null : actor,
      turnAt: null,
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
    state.chats.update(event.chatId, { scriptStep: event.step, agent: event.agent, turnAt: event.waitUntil })
  },

  'dialogScript.completed': (state, event) => {
    knownChat(state, event.chatId)
    state.chats.update(event.chatId, { agent: event.agent, turnAt: null })
  },
}

function append(state: Drafts, id: ChatId, message: Message): void {
  const { messages } = knownChat(state, id)
  state.chats.update(id, { messages: [...messages.slice(-(MESSAGES_KEPT - 1)), message] })
}

function settle(state: Drafts, id: ChatId, messageId: MessageId, fields: Partial<Message>): void {
  const { messages } = knownChat(state, id)
  state.chats.update(id, {
    messages: messages.map((message) => (message.id === messageId ? { ...message, ...fields } : message)),
  })
}
