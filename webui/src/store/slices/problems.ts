/** Errors that are no answer to a command: logged by the server, or found by the page itself. */
import { type Action, createSlice, type PayloadAction } from '@reduxjs/toolkit'

import type { ClockStepped, ErrorLogged } from '@/contract/events'
import type { EventAction } from '@/store/events'

const KEPT = 100

/** An error logged by the server, a step of its clock, or a divergence of the page's replica. */
export type Problem = (ErrorLogged | ClockStepped | Divergence) & {
  readonly seq: number
  readonly ts: number
}

/** A table of the replica did not match the server's checksum, and was replaced. */
export interface Divergence {
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
    divergenceFound: (state, { payload }: PayloadAction<Problem & Divergence>) => ({
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

export const { problemsSeen, divergenceFound } = problems.actions
