/**
 * Chats that have left the live state and are open on this page all the same: as they were when they left, or as the archive
 * has them. They never change any more, but for lines from before them that are asked for.
 */
import { createSlice, type PayloadAction } from '@reduxjs/toolkit'

import type { PlayerForgotten } from '@/contract/events'
import type { ChatId } from '@/contract/ids'
import type { Chat, Message, Task } from '@/contract/rows'
import { batchArrived } from '@/store/events'

export interface PastChatView {
  readonly chat: Chat
  readonly task: Task | null
  /** How many lines the archive has of it; undefined until it was asked. */
  readonly lines: number | undefined
  /** Behind which its lines before the first one are asked for; null: from the last one on. */
  readonly next: number | null
}

export type PastChats = Readonly<Record<ChatId, PastChatView>>

/** Of more, the first that were opened are forgotten: they can be read again. */
const KEPT = 24

const NOTHING: PastChats = {}

interface Lines {
  readonly chatId: ChatId
  readonly messages: readonly Message[]
  readonly next: number | null
  readonly lines: number
}

export const past = createSlice({
  name: 'past',
  initialState: NOTHING,
  reducers: {
    chatKept: (state, { payload }: PayloadAction<PastChatView>) => {
      const { [payload.chat.id]: _, ...others } = state
      const kept = Object.entries(others).slice(1 - KEPT)
      return { ...Object.fromEntries(kept), [payload.chat.id]: payload }
    },
    /** More of its lines, oldest first; those that are there already stay as they are. */
    earlierRead: (state, { payload: { chatId, messages, next, lines } }: PayloadAction<Lines>) => {
      const view = state[chatId]
      if (view === undefined) return state
      const there = new Set(view.chat.messages.map(({ id }) => id))
      const earlier = messages.filter(({ id }) => !there.has(id))
      const chat = earlier.length === 0 ? view.chat : { ...view.chat, messages: [...earlier, ...view.chat.messages] }
      return { ...state, [chatId]: { ...view, chat, next, lines } }
    },
  },
  extraReducers: (builder) =>
    // whose words are taken out of every file is not kept here either
    builder.addCase(batchArrived, (state, { payload }) => {
      const forgotten = payload.flatMap((event) =>
        event.type === 'player.forgotten' ? [(event.payload as PlayerForgotten).playerSteamId64] : [],
      )
      if (forgotten.length === 0) return state
      const kept = Object.entries(state).filter(([, { chat }]) => !forgotten.includes(chat.playerSteamId64))
      return Object.fromEntries(kept)
    }),
})

export const { chatKept, earlierRead } = past.actions
