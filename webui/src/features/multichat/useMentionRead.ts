import { useEffect } from 'react'

import { sendIdempotent } from '@/commands/send'
import type { Chat } from '@/contract/rows'
import { useMe } from '@/session/identity'
import { useMay } from '@/session/roles'

/** Tells the server that this operator, whom the chat calls, has it before their eyes: in sight, with the window in front. */
export function useMentionRead(chat: Chat | undefined): void {
  const me = useMe()
  const may = useMay('MarkMentionRead')
  const since = chat?.mentions.find(({ operator }) => operator === me)?.since
  const chatId = chat?.id
  useEffect(() => {
    if (since === undefined || chatId === undefined || !may) return undefined
    const look = () => {
      if (document.hasFocus()) void sendIdempotent('MarkMentionRead', { chatId })
    }
    look()
    window.addEventListener('focus', look)
    return () => window.removeEventListener('focus', look)
  }, [since, chatId, may])
}
