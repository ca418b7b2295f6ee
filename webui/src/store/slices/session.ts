/** Whom the server takes this browser for, for what is not drawn: components ask `useMe`. */
import { createSlice, type PayloadAction } from '@reduxjs/toolkit'

import type { Role } from '@/contract/enums'

export interface Session {
  readonly me: string | undefined
  readonly role: Role | undefined
}

export const session = createSlice({
  name: 'session',
  initialState: (): Session => ({ me: undefined, role: undefined }),
  reducers: {
    recognised: (_, action: PayloadAction<{ readonly actor: string; readonly role: Role } | undefined>) => ({
      me: action.payload?.actor,
      role: action.payload?.role,
    }),
  },
})

export const { recognised } = session.actions
