/** Which chats the list shows, in which order: who waits longest for a person comes first. */
import type { ChatId } from '@/contract/ids'
import type { Chat, Task } from '@/contract/rows'
import type { Grouping } from '@/lists/groups'
import { searchPatterns } from '@/lists/searchPatterns'
import { concernsMe, type Reading, unread, unseen, waitsForPerson } from '@/reading/unread'
import { isAnswer, isUndecided } from '@/store/delivery'
import type { ChatFilter } from '@/store/slices/workspace'

export const CHAT_GROUPS = ['reply', 'byHand', 'agent', 'closed'] as const
export type ChatGroup = (typeof CHAT_GROUPS)[number]

export interface ChatQuery {
  readonly search: string
  readonly filter: ChatFilter
  readonly me: string | undefined
  readonly reading: Reading
  /** The chat that is open stays in the list when it is read. */
  readonly keep: ChatId | null
  readonly taskOf: (chat: Chat) => Task | undefined
  readonly playerNameOf: (chat: Chat) => string
  readonly botNameOf: (chat: Chat) => string
}

export function chatGroup(chat: Chat): ChatGroup {
  if (chat.status === 'closed') return 'closed'
  if (chat.agentEnabled) return 'agent'
  return waitsForPerson(chat) ? 'reply' : 'byHand'
}

export function lastActivity(chat: Chat): number {
  return Math.max(chat.messages.at(-1)?.ts ?? 0, chat.startedAt)
}

/** Since when the player waits: the first of their lines that nobody has answered. Else, since somebody has to decide. */
export function waitingSince(chat: Chat): number {
  const answered = chat.messages.findLastIndex(isAnswer)
  const waits = chat.messages.slice(answered + 1).find((message) => message.from === 'player' || isUndecided(message))
  return waits?.ts ?? chat.messages.find(isUndecided)?.ts ?? chat.startedAt
}

export const CHAT_GROUPING: Grouping<Chat> = {
  groups: CHAT_GROUPS,
  groupOf: chatGroup,
  orderOf: (chat) => (chatGroup(chat) === 'reply' ? waitingSince(chat) : -lastActivity(chat)),
  keyOf: (chat) => chat.id,
}

/** The filter of a search and a filter button; undefined when all chats are shown. */
export function chatMatcher(query: ChatQuery): ((chat: Chat) => boolean) | undefined {
  const words = searchPatterns(query.search)
  if (words.length === 0 && query.filter === 'all') return undefined
  return (chat) => passes(chat, query) && words.every((word) => says(chat, word, query))
}

function passes(chat: Chat, { filter, me, reading, keep }: ChatQuery): boolean {
  switch (filter) {
    case 'all':
      return true
    case 'mine':
      return chat.owner === me
    case 'unread':
      return chat.id === keep || (concernsMe(chat, me) && unread(chat, reading) > 0)
    case 'unseen':
      return chat.id === keep || (!chat.agentEnabled && unseen(chat, reading) > 0)
  }
}

function says(chat: Chat, word: RegExp, query: ChatQuery): boolean {
  return (
    word.test(chat.playerSteamId64) ||
    word.test(query.playerNameOf(chat)) ||
    word.test(chat.id) ||
    word.test(query.taskOf(chat)?.item ?? '') ||
    word.test(query.botNameOf(chat)) ||
    chat.messages.some((message) => word.test(message.text))
  )
}
