/** A chat by its id, whether it is live or has left the live state. */
import { useCallback, useEffect, useState } from 'react'

import type { CommandError } from '@/commands/send'
import type { OneChat } from '@/contract/history'
import type { ChatId } from '@/contract/ids'
import type { Chat, Task } from '@/contract/rows'
import { useArchiveFault } from '@/history/archive'
import { askPast, pastUrl } from '@/history/ask'
import { lineOf, viewOf } from '@/history/pastRows'
import { isPassing } from '@/history/usePast'
import { chatKept, earlierRead } from '@/store/slices/past'
import { type RootState, useAppDispatch, useAppSelector } from '@/store/store'

/** Lines that are asked for at once: the most that one page has. */
const LINES = 200

/** The chat as it is here; undefined where it is in neither place, or not read yet. */
export function chatIn({ replica, past }: RootState, id: ChatId): Chat | undefined {
  return replica.chats.get(id) ?? past[id]?.chat
}

/** The task of a chat, which may have left the live state with it, or alone. */
export function taskIn({ replica, past }: RootState, chat: Chat): Task | undefined {
  if (chat.taskId === null) return undefined
  return replica.tasks.get(chat.taskId) ?? past[chat.id]?.task ?? undefined
}

export interface OpenChat {
  readonly chat: Chat | undefined
  /** It is in the archive: it can be read and nothing else. */
  readonly archived: boolean
  /** There are lines before the first one. */
  readonly more: boolean
  readonly loading: boolean
  readonly error: CommandError | undefined
  /** The archive has said that it has no such chat. */
  readonly gone: boolean
  /** Read it, or the lines before the first one. */
  readonly read: () => void
}

export function useOpenChat(id: ChatId): OpenChat {
  const dispatch = useAppDispatch()
  const live = useAppSelector((state) => state.replica.chats.get(id))
  const view = useAppSelector((state) => state.past[id])
  const synced = useAppSelector((state) => state.replica.seq > 0)
  const fault = useArchiveFault()
  const [answered, setError] = useState<CommandError>()
  const error = fault ?? answered
  const [loading, setLoading] = useState(false)
  const archived = live === undefined && view !== undefined
  const ask = useCallback(
    async (before: number | null, signal?: AbortSignal): Promise<void> => {
      for (let at = before; ;) {
        const answer = await askPast<OneChat>(pastUrl('chat', { id, before: at, limit: LINES }), signal)
        setError(answer.ok ? undefined : answer.error)
        if (!answer.ok) return
        const { chat, messages, next = null } = answer.value
        if (view === undefined) {
          dispatch(chatKept(viewOf(answer.value)))
          return
        }
        // of one that is kept already only what is missing is taken, and nothing moves
        dispatch(earlierRead({ chatId: id, messages: messages.map(lineOf), next, lines: chat.lines }))
        const news = messages.some((line) => view.chat.messages.every((there) => there.id !== line.id))
        if (before === null || next === null || news) return
        at = next
      }
    },
    [id, view, dispatch],
  )
  const asked = fault !== undefined || live !== undefined || !synced || view?.lines !== undefined
  useEffect(() => {
    if (asked) return undefined
    const asking = new AbortController()
    // eslint-disable-next-line react-hooks/set-state-in-effect -- nothing is set before the answer has come
    ask(null, asking.signal).catch(() => undefined)
    return () => asking.abort()
  }, [asked, ask])
  const read = () => {
    if (fault !== undefined) return
    setLoading(true)
    void ask(view?.next ?? null).finally(() => setLoading(false))
  }
  const more = archived && view.lines !== undefined && view.chat.messages.length < view.lines && view.next !== null
  // one that was open as it left stays, whatever the archive says: it may be built anew just now
  const gone = live === undefined && view === undefined && error !== undefined && !isPassing(error)
  return {
    chat: live ?? view?.chat,
    archived,
    more,
    loading,
    error: live === undefined ? error : undefined,
    gone,
    read,
  }
}
