/** Whom the server takes this browser for, for what is not drawn: components ask `useMe`. */
import { createSlice, type PayloadAction } from '@reduxjs/toolkit'

export const session = createSlice({
  name: 'session',
  initialState: (): { readonly me: string | undefined } => ({ me: undefined }),
  reducers: {
    recognised: (_, action: PayloadAction<string | undefined>) => ({ me: action.payload }),
  },
})

export const { recognised } = session.actions
