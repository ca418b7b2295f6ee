/** What went wrong while nobody was waiting for it: what the server has told of, and what the page found itself. */
import { type Action, createSlice, type PayloadAction } from '@reduxjs/toolkit'

import type { ClockStepped, ErrorLogged } from '@/contract/events'
import type { EventAction } from '@/store/events'

const KEPT = 100

/** What the server has logged, that its machine's clock was set, or what the page has found out about itself. */
export type Problem = (ErrorLogged | ClockStepped | Drift) & {
  readonly seq: number
  readonly ts: number
}

/** The page's copy of a table was not the server's, and was replaced. */
export interface Drift {
  readonly table: string
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
    driftFound: (state, { payload }: PayloadAction<Problem & Drift>) => ({
      ...state,
      latest: [payload, ...state.latest].slice(0, KEPT),
    }),
  },
  extraReducers: (builder) =>
    builder.addMatcher(
      (action: Action): action is EventAction<'error.logged' | 'clock.stepped'> =>
        action.type === 'error.logged' || action.type === 'clock.stepped',
      (state, { payload, meta }) => ({
        ...state,
        latest: [{ ...payload, seq: meta.seq, ts: meta.ts }, ...state.latest].slice(0, KEPT),
      }),
    ),
})

export const { problemsSeen, driftFound } = problems.actions
