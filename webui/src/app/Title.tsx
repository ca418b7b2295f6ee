import { useMemo } from 'react'

import { useMe } from '@/session/useMe'
import { useAppSelector } from '@/store/store'
import { unread } from '@/workspace/unread'

/** The tab's title: how many lines wait for this operator, in chats that are theirs or nobody's. */
export function Title() {
  const me = useMe()
  const chats = useAppSelector((state) => state.replica.chats)
  const read = useAppSelector((state) => state.workspace.read)
  const readBefore = useAppSelector((state) => state.workspace.readBefore)
  const waiting = useMemo(() => {
    let count = 0
    for (const chat of chats) {
      const mine = chat.owner === null || chat.owner === me || me === undefined
      if (chat.status === 'open' && !chat.agentEnabled && mine) count += unread(chat, { read, readBefore })
    }
    return count
  }, [chats, read, readBefore, me])
  return <title>{waiting > 0 ? `(${waiting}) Switchboard` : 'Switchboard'}</title>
}
