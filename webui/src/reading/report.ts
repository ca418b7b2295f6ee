/** Tells the server what its operator has read, so that it is read in all their windows, and that somebody has. */
import { sendIdempotent } from '@/commands/send'
import type { ChatId, MessageId } from '@/contract/ids'
import { placeOf } from '@/reading/unread'
import { may } from '@/session/roles'
import type { Store } from '@/store/store'

/** Marks that could not be set are set anew after this. */
const AGAIN_MS = 10_000

export function reportReading(store: Store): () => void {
  const told = new Map<ChatId, MessageId>()
  let begun: string | undefined

  const look = () => {
    const { reading, replica, connection, session } = store.getState()
    const { me, role } = session
    if (connection.phase !== 'live' || me === undefined || !may(role, 'MarkRead')) return
    if (!replica.operators.has(me) && begun !== me) {
      begun = me
      void sendIdempotent('MarkAllRead', {}).then(({ ok }) => {
        if (!ok) begun = undefined
      })
    }
    for (const [chatId, upTo] of Object.entries(reading) as [ChatId, MessageId][]) {
      const chat = replica.chats.get(chatId)
      if (chat === undefined || told.get(chatId) === upTo) continue
      told.set(chatId, upTo)
      if (placeOf(chat, upTo) <= placeOf(chat, chat.read[me])) continue
      void sendIdempotent('MarkRead', { chatId, upTo }).then((outcome) => {
        if (!outcome.ok && outcome.error.code === 'network' && told.get(chatId) === upTo) told.delete(chatId)
      })
    }
  }
  let before = store.getState()
  const unsubscribe = store.subscribe(() => {
    const state = store.getState()
    const moved =
      state.reading !== before.reading ||
      state.session !== before.session ||
      state.connection.phase !== before.connection.phase
    before = state
    if (moved) look()
  })
  const timer = setInterval(look, AGAIN_MS)
  return () => {
    unsubscribe()
    clearInterval(timer)
  }
}
