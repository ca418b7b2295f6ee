/** What can be told of a message by how far its delivery has got; the twin of what `kernel/chat_rows.py` says of it. */
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
