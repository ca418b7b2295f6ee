/** The items of the message list: messages grouped by author, with a separator for each day. */
import type { Message } from '@/contract/rows'

/** Lines of one author within this time belong together. */
const TOGETHER_MS = 3 * 60_000

export type MessageItem =
  | { readonly kind: 'day'; readonly key: string; readonly ts: number }
  | {
      readonly kind: 'message'
      readonly key: string
      readonly message: Message
      readonly first: boolean
      readonly last: boolean
    }

export function messageItems(messages: readonly Message[]): MessageItem[] {
  const laid: MessageItem[] = []
  for (const [index, message] of messages.entries()) {
    const before = messages[index - 1]
    const after = messages[index + 1]
    if (before === undefined || !sameDay(before.ts, message.ts)) {
      laid.push({ kind: 'day', key: `day ${message.id}`, ts: message.ts })
    }
    laid.push({
      kind: 'message',
      key: message.id,
      message,
      first: before === undefined || !together(before, message),
      last: after === undefined || !together(message, after),
    })
  }
  return laid
}

function together(one: Message, next: Message): boolean {
  return (
    one.author === next.author &&
    one.authorVersion === next.authorVersion &&
    one.step === next.step &&
    sameDay(one.ts, next.ts) &&
    next.ts - one.ts < TOGETHER_MS
  )
}

function sameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString()
}
