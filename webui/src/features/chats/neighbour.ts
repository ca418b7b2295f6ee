import type { ChatId } from '@/contract/ids'
import type { Chat } from '@/contract/rows'

export type Step = 'next' | 'previous' | 'nextUnread'

/** The next, previous or next unread chat of the list; undefined when there is none. */
export function neighbour(
  rows: readonly Chat[],
  active: ChatId | null,
  step: Step,
  isUnread: (chat: Chat) => boolean,
): Chat | undefined {
  const at = rows.findIndex((chat) => chat.id === active)
  switch (step) {
    case 'next':
      return rows[at + 1]
    case 'previous':
      return at < 0 ? rows.at(-1) : rows[at - 1]
    case 'nextUnread':
      return [...rows.slice(at + 1), ...rows.slice(0, Math.max(at, 0))].find(isUnread)
  }
}
