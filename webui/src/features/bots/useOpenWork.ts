import { useEffect, useState } from 'react'

import type { BotId } from '@/contract/ids'
import { OPEN_TASKS } from '@/contract/limits'
import { useAppStore } from '@/store/store'

const LOOK_MS = 2_000

/** How many open tasks and chats a bot has: counted now and then, for it takes a walk through all of them. */
export function useOpenWork(id: BotId): { readonly tasks: number; readonly chats: number } {
  const store = useAppStore()
  const [work, setWork] = useState({ tasks: 0, chats: 0 })
  useEffect(() => {
    const look = () => {
      const { replica } = store.getState()
      let [tasks, chats] = [0, 0]
      for (const task of replica.tasks) if (task.assignedBotId === id && OPEN_TASKS.includes(task.status)) tasks += 1
      for (const chat of replica.chats) if (chat.botId === id && chat.status === 'open') chats += 1
      setWork((before) => (before.tasks === tasks && before.chats === chats ? before : { tasks, chats }))
    }
    look()
    const timer = setInterval(look, LOOK_MS)
    return () => clearInterval(timer)
  }, [store, id])
  return work
}
