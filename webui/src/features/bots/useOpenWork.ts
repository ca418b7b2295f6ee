import { useEffect, useState } from 'react'

import type { BotId } from '@/contract/ids'
import { OPEN_TASKS } from '@/contract/limits'
import type { Replica } from '@/store/replica'
import { useAppStore } from '@/store/store'

const LOOK_MS = 2_000

export interface Work {
  readonly tasks: number
  readonly chats: number
}

const NOTHING: Work = { tasks: 0, chats: 0 }

/** The open tasks and chats of every bot that has any: one walk through all of them. */
export function openWork({ tasks, chats }: Pick<Replica, 'tasks' | 'chats'>): ReadonlyMap<BotId, Work> {
  const work = new Map<BotId, Work>()
  const add = (id: BotId, more: Partial<Work>) => {
    const { tasks, chats } = work.get(id) ?? NOTHING
    work.set(id, { tasks: tasks + (more.tasks ?? 0), chats: chats + (more.chats ?? 0) })
  }
  for (const { assignedBotId, status } of tasks)
    if (assignedBotId !== null && OPEN_TASKS.includes(status)) add(assignedBotId, { tasks: 1 })
  for (const { botId, status } of chats) if (status === 'open') add(botId, { chats: 1 })
  return work
}

/** The number of open tasks and chats of a bot, polled: counting walks through all of them. */
export function useOpenWork(id: BotId): Work {
  const store = useAppStore()
  const [work, setWork] = useState(NOTHING)
  useEffect(() => {
    const look = () => {
      const { tasks, chats } = openWork(store.getState().replica).get(id) ?? NOTHING
      setWork((before) => (before.tasks === tasks && before.chats === chats ? before : { tasks, chats }))
    }
    look()
    const timer = setInterval(look, LOOK_MS)
    return () => clearInterval(timer)
  }, [store, id])
  return work
}
