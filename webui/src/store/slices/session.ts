/** The identity of this browser's operator, for code outside components; those use `useMe`. */
import { createSlice, type PayloadAction } from '@reduxjs/toolkit'

import type { Role } from '@/contract/enums'

export interface Session {
  readonly me: string | undefined
  readonly role: Role | undefined
  /** Whether the server has been asked: nothing of anybody's is shown before. */
  readonly asked: boolean
}

export const session = createSlice({
  name: 'session',
  initialState: (): Session => ({ me: undefined, role: undefined, asked: false }),
  reducers: {
    identified: (_, action: PayloadAction<{ readonly actor: string; readonly role: Role } | undefined>) => ({
      me: action.payload?.actor,
      role: action.payload?.role,
      asked: true,
    }),
  },
})

export const { identified } = session.actions
