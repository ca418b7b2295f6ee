/**
 * What has not been read yet, by me and by anyone of us. Only the player's lines count: nothing that we write or do makes a
 * chat unread, and a mark is a line and not a moment, since lines may come many in one millisecond.
 */
import type { ChatId, MessageId, Millis } from '@/contract/ids'
import type { Chat } from '@/contract/rows'
import { isPerson } from '@/session/actor'

/** What I have read, as far as it is not in the chats themselves. */
export interface Reading {
  readonly me: string | undefined
  /** What was said before counts as read by me. */
  readonly caughtUpAt: Millis
  /** When the first of us began: what was said before is nobody's to read. */
  readonly teamSince: Millis
  /** Read in this window, and perhaps not known to the server yet. */
  readonly here: Readonly<Record<ChatId, MessageId>>
}

/** How many lines of the player's I have not read. Of a closed chat, those that came after its end. */
export function unread(chat: Chat, { me, caughtUpAt, here }: Reading): number {
  const mark = me === undefined ? undefined : chat.read[me]
  return linesAfter(chat, Math.max(indexOfMark(chat, mark), indexOfMark(chat, here[chat.id])), caughtUpAt)
}

/** How many lines of the player's nobody of us has read. Whoever writes in a chat has read it. */
export function unseen(chat: Chat, { teamSince, here }: Pick<Reading, 'teamSince' | 'here'>): number {
  const marks = Object.values(chat.read).map((mark) => indexOfMark(chat, mark))
  const written = chat.messages.findLastIndex(({ from, author }) => from === 'bot' && isPerson(author))
  return linesAfter(chat, Math.max(written, indexOfMark(chat, here[chat.id]), ...marks), teamSince)
}

/** Does this operator own the chat, or nobody? */
export function concernsMe(chat: Chat, me: string | undefined): boolean {
  return !chat.agentEnabled && (!isPerson(chat.owner) || chat.owner === me || me === undefined)
}

/** The index of the message that was read last; -1 when it is not kept any more, or there is none. */
export function indexOfMark(chat: Chat, mark: MessageId | undefined): number {
  return mark === undefined ? -1 : chat.messages.findLastIndex(({ id }) => id === mark)
}

function linesAfter(chat: Chat, place: number, caughtUpAt: Millis): number {
  // the line that ended the chat, a stop perhaps, is of the very moment of its end, and was heard
  const since = Math.max(caughtUpAt, chat.closedAt === null ? 0 : chat.closedAt + 1)
  let count = 0
  for (let index = chat.messages.length - 1; index > place; index -= 1) {
    const { from, ts } = chat.messages[index]!
    if (ts < since) break
    if (from === 'player') count += 1
  }
  return count
}
