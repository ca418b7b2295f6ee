/** Presence: the open pages of all operators, as the server sent them last. Not part of the replica. */
import { createSlice, type PayloadAction } from '@reduxjs/toolkit'

import type { ChatId } from '@/contract/ids'
import { connectionChanged } from '@/store/slices/connection'

export interface Page {
  readonly page: string
  readonly actor: string
  /** Its window is in sight. */
  readonly here: boolean
  /** The chats that it shows. */
  readonly chats: readonly ChatId[]
  /** The chat in which its operator writes to the player just now. */
  readonly typing: ChatId | null
}

const NOBODY: readonly Page[] = []

export const presence = createSlice({
  name: 'presence',
  initialState: NOBODY,
  reducers: {
    presenceReceived: (_, action: PayloadAction<readonly Page[]>) => action.payload,
  },
  extraReducers: (builder) =>
    // who was here before the line broke need not be here any more
    builder.addCase(connectionChanged, (state, { payload }) =>
      payload.phase === 'stale' || payload.phase === 'signedOut' ? NOBODY : state,
    ),
})

export const { presenceReceived } = presence.actions

export interface Colleague {
  readonly actor: string
  readonly here: boolean
  readonly typing: boolean
  readonly chats: readonly ChatId[]
}

/** All other operators, each once however many pages they have open. */
export function colleagues(pages: readonly Page[], me: string | undefined): readonly Colleague[] {
  const found = new Map<string, Colleague>()
  for (const { actor, here, typing, chats } of pages) {
    if (actor === me) continue
    const before = found.get(actor)
    found.set(actor, {
      actor,
      here: here || before?.here === true,
      typing: typing !== null || before?.typing === true,
      chats: [...new Set([...(before?.chats ?? []), ...(here ? chats : [])])],
    })
  }
  return [...found.values()]
}

/** The other operators who view a chat, and whether they are typing in it. */
export function viewersOf(pages: readonly Page[], chatId: ChatId, me: string | undefined): readonly Colleague[] {
  const there = pages.filter(({ here, chats, typing }) => typing === chatId || (here && chats.includes(chatId)))
  return colleagues(
    there.map((page) => ({ ...page, typing: page.typing === chatId ? chatId : null })),
    me,
  )
}
