/** What can be told of a message by how far its delivery has got; the twin of what `kernel/chat_rows.py` says of it. */
import type { MessageReason } from '@/contract/enums'
import { IN_DOUBT_REASONS } from '@/contract/limits'
import type { Message } from '@/contract/rows'

/** Is something still to become of it: by the system, or by a person who decides? */
export function isOwed({ delivery, retriedAs }: Message): boolean {
  return delivery === 'queued' || delivery === 'sending' || (delivery === 'inDoubt' && retriedAs === null)
}

/** May the player have this line of the bot's, though nobody knows? */
export function mayBeThere({ delivery, reason }: Message): boolean {
  if (delivery === 'failed') return (IN_DOUBT_REASONS as readonly (string | null)[]).includes(reason)
  return delivery === 'sending' || delivery === 'inDoubt'
}

/** May it have arrived, so that a person has to say whether it is sent again? */
export function isUndecided(message: Message): boolean {
  return message.delivery === 'inDoubt' && isOwed(message)
}

/** Does the player have this line of ours, or will they soon? What failed, or may not have arrived, is no answer. */
export function isAnswer({ from, delivery }: Message): boolean {
  return from === 'bot' && delivery !== 'failed' && delivery !== 'inDoubt'
}

/** Was it not sent although nobody of us meant that, and has nobody seen to it yet? */
export function isLost({ delivery, reason, retriedAs }: Message): boolean {
  return delivery === 'failed' && retriedAs === null && !MEANT.has(reason)
}

/** Why messages were not sent that nobody misses: somebody took the chat, took them back, or wrote the same elsewhere. */
const MEANT: ReadonlySet<string | null> = new Set<MessageReason>([
  'takenOver',
  'interrupted',
  'discarded',
  'discardedInDoubt',
  'wroteElsewhere',
  'arrivedAfterAll',
])
