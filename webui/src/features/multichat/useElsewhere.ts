import { useEffect, useState } from 'react'

import { OPEN_TASKS } from '@/contract/limits'
import type { Chat, Task } from '@/contract/rows'
import type { Replica } from '@/store/replica'
import { useAppStore } from '@/store/store'

const LOOK_MS = 1_000

/** Where else we talk with the player of a chat that has ended, or are about to. */
export interface Elsewhere {
  readonly chat: Chat | undefined
  readonly task: Task | undefined
}

const NOWHERE: Elsewhere = { chat: undefined, task: undefined }

export function elsewhere({ chats, tasks }: Pick<Replica, 'chats' | 'tasks'>, ended: Chat): Elsewhere {
  let found = NOWHERE
  for (const chat of chats) {
    if (chat.status === 'open' && chat.playerSteamId64 === ended.playerSteamId64) found = { ...found, chat }
  }
  for (const task of tasks) {
    if (task.playerSteamId64 === ended.playerSteamId64 && OPEN_TASKS.includes(task.status)) found = { ...found, task }
  }
  return found
}

/** Looked for now and then, and only for a chat that has ended: it takes a walk through all tasks and chats. */
export function useElsewhere(chat: Chat): Elsewhere {
  const store = useAppStore()
  const [found, setFound] = useState(NOWHERE)
  const { id, status } = chat
  useEffect(() => {
    const look = () => {
      const { replica } = store.getState()
      const ended = replica.chats.get(id)
      const now = ended?.status === 'closed' ? elsewhere(replica, ended) : NOWHERE
      setFound((before) => (before.chat === now.chat && before.task === now.task ? before : now))
    }
    look()
    if (status === 'open') return undefined
    const timer = setInterval(look, LOOK_MS)
    return () => clearInterval(timer)
  }, [store, id, status])
  return found
}
