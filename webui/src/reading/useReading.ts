import { useMemo } from 'react'

import type { Reading } from '@/reading/unread'
import { useMe } from '@/session/useMe'
import { type RootState, useAppSelector } from '@/store/store'

/** What I have read, the same in every window of mine once the server knows it. */
export function useReading(): Reading {
  const me = useMe()
  const here = useAppSelector((state) => state.reading)
  const caughtUpAt = useAppSelector((state) => caughtUp(state, me))
  const teamSince = useAppSelector(since)
  return useMemo(() => ({ me, caughtUpAt, teamSince, here }), [me, caughtUpAt, teamSince, here])
}

export function readingOf(state: RootState, me: string | undefined): Reading {
  return { me, caughtUpAt: caughtUp(state, me), teamSince: since(state), here: state.reading }
}

/** Until the server knows me, nothing is new: it is asked to note where I begin. */
function caughtUp(state: RootState, me: string | undefined): number {
  return (me === undefined ? undefined : state.replica.operators.get(me)?.caughtUpAt) ?? Infinity
}

function since(state: RootState): number {
  return Math.min(Infinity, ...state.replica.operators.rows().map(({ caughtUpAt }) => caughtUpAt))
}
