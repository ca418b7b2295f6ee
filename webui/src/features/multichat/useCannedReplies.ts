import { useId, useMemo, useState } from 'react'

import type { CannedReply, Chat } from '@/contract/rows'
import { fillReply, firstUnfilled, matchingReplies, type ReplyValues, replyValues } from '@/replies/fill'
import { useMe } from '@/session/identity'
import { useAppSelector } from '@/store/store'

export interface ReplyChoice {
  readonly id: string
  readonly opened: boolean
  readonly found: readonly CannedReply[]
  readonly chosen: number
  readonly values: ReplyValues
  /** Returns whether the key meant something to the list. */
  readonly press: (key: string) => boolean
  readonly pick: (reply: CannedReply) => void
}

/** The canned replies offered for a draft that begins with a slash, and the keys that choose one. */
export function useCannedReplies(
  chat: Chat,
  draft: string,
  write: (text: string, select?: { start: number; end: number }) => void,
): ReplyChoice {
  const id = useId()
  const me = useMe()
  const replies = useAppSelector((state) => state.replica.replies)
  const task = useAppSelector((state) => (chat.taskId === null ? undefined : state.replica.tasks.get(chat.taskId)))
  const bot = useAppSelector((state) => state.replica.bots.get(chat.botId))
  const [left, setLeft] = useState<string>()
  const [at, setAt] = useState({ draft: '', chosen: 0 })

  const asked = /^\/[^/\n]*$/.test(draft) && draft !== left
  const values = useMemo(() => replyValues(task, bot, me), [task, bot, me])
  const found = useMemo(() => (asked ? matchingReplies(replies, draft.slice(1)) : []), [asked, replies, draft])
  const chosen = at.draft === draft ? Math.min(at.chosen, found.length - 1) : 0

  const pick = (reply: CannedReply) => {
    const text = fillReply(reply.text, values)
    write(text, firstUnfilled(text) ?? { start: text.length, end: text.length })
  }
  const press = (name: string): boolean => {
    if (!asked) return false
    switch (name) {
      case 'ArrowDown':
      case 'ArrowUp':
        if (found.length > 0) {
          const step = name === 'ArrowDown' ? 1 : found.length - 1
          setAt({ draft, chosen: (chosen + step) % found.length })
        }
        return true
      case 'Tab':
      case 'Enter':
        if (found[chosen] !== undefined) pick(found[chosen])
        return name === 'Enter' || found.length > 0
      case 'Escape':
        setLeft(draft)
        return true
      default:
        return false
    }
  }
  return { id, opened: asked, found, chosen, values, press, pick }
}
