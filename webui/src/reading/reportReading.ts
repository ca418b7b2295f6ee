/** Sends read marks (MarkRead, MarkAllRead) to the server, for all windows of this operator. */
import { sendIdempotent } from '@/commands/send'
import type { ChatId, MessageId } from '@/contract/ids'
import { indexOfMark } from '@/reading/unread'
import { may } from '@/session/roles'
import type { Store } from '@/store/store'

/** After this long, read marks that could not be sent are sent again. */
const AGAIN_MS = 10_000

export function reportReading(store: Store): () => void {
  const sent = new Map<ChatId, MessageId>()
  let begunFor: string | undefined

  const report = () => {
    const { reading, replica, connection, session } = store.getState()
    const { me, role } = session
    if (connection.phase !== 'live' || me === undefined || !may(role, 'MarkRead')) return
    if (!replica.operators.has(me) && begunFor !== me) {
      begunFor = me
      void sendIdempotent('MarkAllRead', {}).then(({ ok }) => {
        if (!ok) begunFor = undefined
      })
    }
    for (const [chatId, upTo] of Object.entries(reading) as [ChatId, MessageId][]) {
      const chat = replica.chats.get(chatId)
      if (chat === undefined || sent.get(chatId) === upTo) continue
      sent.set(chatId, upTo)
      if (indexOfMark(chat, upTo) <= indexOfMark(chat, chat.read[me])) continue
      void sendIdempotent('MarkRead', { chatId, upTo }).then((outcome) => {
        if (!outcome.ok && outcome.error.code === 'network' && sent.get(chatId) === upTo) sent.delete(chatId)
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
    if (moved) report()
  })
  const timer = setInterval(report, AGAIN_MS)
  return () => {
    unsubscribe()
    clearInterval(timer)
  }
}
