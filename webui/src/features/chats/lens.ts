/** Which chats the list shows, in which order: who waits longest for a person comes first. */
import type { Chat, Task } from '@/contract/rows'
import type { Lens } from '@/lists/view'
import { type Marks, unread, waitsForPerson } from '@/workspace/unread'
import type { ChatFilter } from '@/workspace/slice'

export const CHAT_GROUPS = ['reply', 'byHand', 'agent', 'closed'] as const
export type ChatGroup = (typeof CHAT_GROUPS)[number]

export interface ChatQuery {
  readonly search: string
  readonly filter: ChatFilter
  readonly me: string | undefined
  readonly marks: Marks
  readonly taskOf: (chat: Chat) => Task | undefined
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

/** Since when the player waits: the first of their lines that nobody has answered. */
export function waitingSince(chat: Chat): number {
  const answered = chat.messages.findLastIndex((message) => message.from === 'bot')
  return chat.messages[answered + 1]?.ts ?? chat.startedAt
}

export function chatLens(query: ChatQuery): Lens<Chat> {
  const words = query.search.toLowerCase().split(/\s+/).filter(Boolean)
  return {
    groups: CHAT_GROUPS,
    groupOf: (chat) => {
      if (query.filter === 'mine' && chat.owner !== query.me) return undefined
      if (query.filter === 'unread' && unread(chat, query.marks) === 0) return undefined
      return words.every((word) => says(chat, word, query)) ? chatGroup(chat) : undefined
    },
    compare: (a, b) =>
      chatGroup(a) === 'reply' ? waitingSince(a) - waitingSince(b) : lastActivity(b) - lastActivity(a),
    keyOf: (chat) => chat.id,
  }
}

function says(chat: Chat, word: string, query: ChatQuery): boolean {
  return (
    chat.playerSteamId64.includes(word) ||
    chat.id.includes(word) ||
    (query.taskOf(chat)?.item.toLowerCase().includes(word) ?? false) ||
    query.botNameOf(chat).toLowerCase().includes(word) ||
    chat.messages.some((message) => message.text.toLowerCase().includes(word))
  )
}
