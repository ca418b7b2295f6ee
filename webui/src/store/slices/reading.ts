/** Read marks set in this window, applied before the server confirms them (optimistic). */
import { createSlice, type PayloadAction } from '@reduxjs/toolkit'

import type { ChatId, MessageId } from '@/contract/ids'

const NOTHING: Readonly<Record<ChatId, MessageId>> = {}

export const reading = createSlice({
  name: 'reading',
  initialState: NOTHING,
  reducers: {
    lineRead: (state, { payload: { chatId, upTo } }: PayloadAction<{ chatId: ChatId; upTo: MessageId }>) =>
      state[chatId] === upTo ? state : { ...state, [chatId]: upTo },
  },
})

export const { lineRead } = reading.actions
