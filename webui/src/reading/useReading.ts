import { useMemo } from 'react'

import type { Reading } from '@/reading/unread'
import { useMe } from '@/session/identity'
import { may } from '@/session/roles'
import { type RootState, useAppSelector } from '@/store/store'

/** The read marks of this operator, from the server and from this window. */
export function useReading(): Reading {
  const me = useMe()
  const here = useAppSelector(readHere)
  const caughtUpAt = useAppSelector((state) => caughtUp(state, me))
  const teamSince = useAppSelector(since)
  return useMemo(() => ({ me, caughtUpAt, teamSince, here }), [me, caughtUpAt, teamSince, here])
}

export function readingOf(state: RootState, me: string | undefined): Reading {
  return { me, caughtUpAt: caughtUp(state, me), teamSince: since(state), here: readHere(state) }
}

/** Who may not answer reads nothing for the team, and is shown nothing as their own to read. */
export function mayMark({ session }: RootState): boolean {
  return may(session.role, 'MarkRead')
}

function readHere(state: RootState): Reading['here'] {
  return mayMark(state) ? state.reading : NOTHING
}

const NOTHING: Reading['here'] = {}

/** Until the server knows me, nothing is new: it is asked to note where I begin. */
function caughtUp(state: RootState, me: string | undefined): number {
  if (!mayMark(state)) return Infinity
  return (me === undefined ? undefined : state.replica.operators.get(me)?.caughtUpAt) ?? Infinity
}

function since(state: RootState): number {
  return Math.min(Infinity, ...state.replica.operators.rows().map(({ caughtUpAt }) => caughtUpAt))
}
