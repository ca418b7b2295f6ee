/** The state of the event stream: live, catching up, stale or signed out. */
import { createSlice, type PayloadAction } from '@reduxjs/toolkit'

export type Connection =
  | { readonly phase: 'connecting' }
  /** A snapshot is coming in; what is shown meanwhile is what was there before. */
  | { readonly phase: 'catchingUp'; readonly part: number; readonly parts: number; readonly staleSince: number | null }
  | { readonly phase: 'live' }
  /** Nothing new has come since then (this machine's clock). */
  | { readonly phase: 'stale'; readonly since: number; readonly retryAt: number; readonly why: string }
  /** The server does not know who this is: only signing in helps. */
  | { readonly phase: 'signedOut' }

export const connection = createSlice({
  name: 'connection',
  initialState: (): Connection => ({ phase: 'connecting' }),
  reducers: {
    connectionChanged: (_, action: PayloadAction<Connection>) => action.payload,
  },
})

export const { connectionChanged } = connection.actions
