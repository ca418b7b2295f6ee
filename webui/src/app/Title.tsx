import { useEffect, useState } from 'react'

import { concernsMe, unread } from '@/reading/unread'
import { readingOf } from '@/reading/useReading'
import { useMe } from '@/session/identity'
import { useAppStore } from '@/store/store'

const LOOK_MS = 1_000

/** The tab's title, with the number of unread messages in chats of this operator or of nobody. */
export function Title() {
  const me = useMe()
  const store = useAppStore()
  const [waiting, setWaiting] = useState(0)
  useEffect(() => {
    const look = () => {
      const state = store.getState()
      const reading = readingOf(state, me)
      let count = 0
      for (const chat of state.replica.chats) {
        if (concernsMe(chat, me)) count += unread(chat, reading)
      }
      setWaiting(count)
    }
    look()
    // looking through every chat on every batch would cost more than the batch
    const timer = setInterval(look, LOOK_MS)
    return () => clearInterval(timer)
  }, [store, me])
  return <title>{waiting > 0 ? `(${waiting}) Switchboard` : 'Switchboard'}</title>
}
