/** What the archive answers, for components: one answer, or page by page. */
import { useCallback, useEffect, useRef, useState } from 'react'

import type { CommandError } from '@/commands/send'
import { useArchiveFault } from '@/history/archive'
import { askPast, withQuery } from '@/history/ask'

/** An answer that `building` says may come whole in a moment is asked for again after so long, as one that failed is. */
const AGAIN_MS = 5_000

export interface Asked<T> {
  /** The last answer to this question, or to the one before it while this one is on its way. */
  readonly value: T | undefined
  readonly error: CommandError | undefined
  /** The answer to this question has not come yet. */
  readonly pending: boolean
  readonly again: () => void
}

interface Last<T> {
  readonly url: string | undefined
  readonly value: T | undefined
  readonly error: CommandError | undefined
}

/**
 * The answer to that question; undefined asks nothing. `every`: how often it is asked again, in ms, while the window is in
 * sight.
 */
export function usePast<T extends { readonly building?: boolean }>(url: string | undefined, every?: number): Asked<T> {
  const [last, setLast] = useState<Last<T>>({ url: undefined, value: undefined, error: undefined })
  const [round, setRound] = useState(0)
  const fault = useArchiveFault()
  const asked = fault === undefined ? url : undefined
  const again = useCallback(() => setRound((before) => before + 1), [])
  useEffect(() => {
    if (asked === undefined) return undefined
    const asking = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
      let next = every
      if (!document.hidden) {
        const answer = await askPast<T>(asked, asking.signal)
        if (answer.ok) setLast({ url: asked, value: answer.value, error: undefined })
        else {
          const { error } = answer
          setLast((before) => ({ url: asked, value: before.url === asked ? before.value : undefined, error }))
        }
        if (answer.ok ? answer.value.building === true : isPassing(answer.error)) next = AGAIN_MS
      }
      if (next !== undefined) timer = setTimeout(() => void ask().catch(ended), next)
    }
    void ask().catch(ended)
    return () => {
      asking.abort()
      clearTimeout(timer)
    }
  }, [asked, every, round])
  if (url === undefined) return { value: undefined, error: undefined, pending: false, again }
  const error = fault ?? (last.url === url ? last.error : undefined)
  return { value: last.value, error, pending: asked !== undefined && last.url !== asked, again }
}

/** Nobody waits for the answer any more. */
const ended = () => undefined

/** Does it go by itself? */
export function isPassing(error: CommandError): boolean {
  return error.code === 'network' || error.code === 'historyNotReady' || error.code === 'historyBusy'
}

export interface Pages<R> {
  readonly records: readonly R[]
  readonly more: boolean
  readonly loading: boolean
  readonly error: CommandError | undefined
  /** Ask for the next page, or for the one that has failed again. */
  readonly go: () => void
}

interface Page<R> {
  readonly records: readonly R[]
  readonly next?: number | null
}

interface Read<R> {
  readonly url: string | undefined
  readonly records: readonly R[]
  readonly next: number | null
  readonly error: CommandError | undefined
  readonly loading: boolean
}

const nothing = <R>(url: string | undefined): Read<R> => ({
  url,
  records: [],
  next: null,
  error: undefined,
  loading: url !== undefined,
})

/** The answers to that question, newest first, a page at a time; undefined asks nothing. */
export function usePages<R>(url: string | undefined): Pages<R> {
  const [read, setRead] = useState<Read<R>>(() => nothing(undefined))
  const asking = useRef<AbortController>(undefined)
  const fault = useArchiveFault()
  const asked = fault === undefined ? url : undefined
  const ask = useCallback(async (of: string, before: number | null) => {
    asking.current?.abort()
    const { signal } = (asking.current = new AbortController())
    const answer = await askPast<Page<R>>(withQuery(of, { before }), signal)
    setRead((was) => {
      const so = was.url === of && before !== null ? was : nothing<R>(of)
      if (!answer.ok) return { ...so, loading: false, error: answer.error }
      const { records, next = null } = answer.value
      return { url: of, records: [...so.records, ...records], next, error: undefined, loading: false }
    })
  }, [])
  useEffect(() => {
    if (asked !== undefined) void ask(asked, null).catch(ended)
    return () => asking.current?.abort()
  }, [asked, ask])
  const { records, next, error, loading } = read.url === url ? read : nothing<R>(url)
  const go = useCallback(() => {
    if (asked === undefined) return
    setRead((was) => ({ ...was, loading: true, error: undefined }))
    void ask(asked, next).catch(ended)
  }, [asked, next, ask])
  return { records, more: next !== null, loading: loading && fault === undefined, error: fault ?? error, go }
}
