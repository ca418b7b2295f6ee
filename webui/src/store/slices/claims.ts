/** Chats that this operator has asked for and does not have: what they type there is kept meanwhile, and sent to nobody. */
import { createSlice, type PayloadAction } from '@reduxjs/toolkit'

import type { ChatId, Millis } from '@/contract/ids'

export interface Claim {
  /**
   * `asked`: the server has not answered yet. `lost`: a colleague was first. `theirs`: a colleague had it already. Of the
   * last two the operator decides what becomes of what was typed.
   */
  readonly state: 'asked' | 'lost' | 'theirs'
  readonly at: Millis
  /** The colleague has the chat in this epoch: in a later one it has changed hands again. */
  readonly epoch: number
}

const NONE: Readonly<Record<ChatId, Claim>> = {}

export const claims = createSlice({
  name: 'claims',
  initialState: NONE,
  reducers: {
    claimChanged: (state, { payload }: PayloadAction<Claim & { readonly chatId: ChatId }>) => ({
      ...state,
      [payload.chatId]: { state: payload.state, at: payload.at, epoch: payload.epoch },
    }),
    claimEnded: (state, action: PayloadAction<ChatId>) => {
      const { [action.payload]: ended, ...others } = state
      return ended === undefined ? state : others
    },
  },
})

export const { claimChanged, claimEnded } = claims.actions
