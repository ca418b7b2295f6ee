import { useEffect, useState } from 'react'

import { OPEN_TASKS } from '@/contract/limits'
import type { Chat, Task } from '@/contract/rows'
import type { Replica } from '@/store/replica'
import { useAppStore } from '@/store/store'

const LOOK_MS = 1_000

/** The open chat or task with the same player, for a chat that is closed. */
export interface OtherContact {
  readonly chat: Chat | undefined
  readonly task: Task | undefined
}

const NOWHERE: OtherContact = { chat: undefined, task: undefined }

export function otherContact({ chats, tasks }: Pick<Replica, 'chats' | 'tasks'>, ended: Chat): OtherContact {
  let found = NOWHERE
  for (const chat of chats) {
    if (chat.status === 'open' && chat.playerSteamId64 === ended.playerSteamId64) found = { ...found, chat }
  }
  for (const task of tasks) {
    if (task.playerSteamId64 === ended.playerSteamId64 && OPEN_TASKS.includes(task.status)) found = { ...found, task }
  }
  return found
}

/** Polled, and only for a closed chat: finding it walks through all tasks and chats. */
export function useOtherContact(chat: Chat): OtherContact {
  const store = useAppStore()
  const [found, setFound] = useState(NOWHERE)
  const { id, status } = chat
  useEffect(() => {
    const look = () => {
      const { replica } = store.getState()
      const ended = replica.chats.get(id)
      const now = ended?.status === 'closed' ? otherContact(replica, ended) : NOWHERE
      setFound((before) => (before.chat === now.chat && before.task === now.task ? before : now))
    }
    look()
    if (status === 'open') return undefined
    const timer = setInterval(look, LOOK_MS)
    return () => clearInterval(timer)
  }, [store, id, status])
  return found
}
