/** Predicates on the delivery of a message; the twin of those of the kernel's `Message` row. */
import type { MessageReason } from '@/contract/enums'
import { IN_DOUBT_REASONS } from '@/contract/limits'
import type { Message } from '@/contract/rows'

/** Is its delivery still open: for the system, or for a person who decides? */
export function isPending({ delivery, retriedAs }: Message): boolean {
  return delivery === 'queued' || delivery === 'sending' || (delivery === 'inDoubt' && retriedAs === null)
}

/** May the player have received this message, though nobody knows? */
export function mayHaveArrived({ delivery, reason }: Message): boolean {
  if (delivery === 'failed') return (IN_DOUBT_REASONS as readonly (string | null)[]).includes(reason)
  return delivery === 'sending' || delivery === 'inDoubt'
}

/** Is it in doubt, so that a person has to decide whether it is sent again? */
export function isUndecided(message: Message): boolean {
  return message.delivery === 'inDoubt' && isPending(message)
}

/** Is it an answer that the player has or will have? One that failed or is in doubt is none. */
export function isAnswer({ from, delivery }: Message): boolean {
  return from === 'bot' && delivery !== 'failed' && delivery !== 'inDoubt'
}

/** Did it fail against our intention, and was it not retried yet? */
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
