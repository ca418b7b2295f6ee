/** What went wrong while nobody was waiting for it: the latest `error.logged` events. */
import { type Action, createSlice, type PayloadAction } from '@reduxjs/toolkit'

import type { ErrorLogged } from '@/contract/events'
import type { EventAction } from '@/store/events'

const KEPT = 100

export interface Problem extends ErrorLogged {
  readonly seq: number
  readonly ts: number
}

interface Problems {
  /** Newest first. */
  readonly latest: readonly Problem[]
  readonly seenSeq: number
}

const initialState: Problems = { latest: [], seenSeq: 0 }

export const problems = createSlice({
  name: 'problems',
  initialState,
  reducers: {
    problemsSeen: (state, action: PayloadAction<number>) => ({ ...state, seenSeq: action.payload }),
  },
  extraReducers: (builder) =>
    builder.addMatcher(
      (action: Action): action is EventAction<'error.logged'> => action.type === 'error.logged',
      (state, { payload, meta }) => ({
        ...state,
        latest: [{ ...payload, seq: meta.seq, ts: meta.ts }, ...state.latest].slice(0, KEPT),
      }),
    ),
})

export const { problemsSeen } = problems.actions
