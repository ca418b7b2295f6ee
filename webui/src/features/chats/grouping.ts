/** Which chats the list shows: those that fit the search and the filter. */
import type { ChatId } from '@/contract/ids'
import type { Chat, Task } from '@/contract/rows'
import { searchPatterns } from '@/lists/searchPatterns'
import { concernsMe, type Reading, unread, unseen } from '@/reading/unread'
import type { ChatFilter } from '@/store/slices/workspace'

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
