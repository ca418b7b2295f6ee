/** What calls for this operator: found by holding a chat before a batch of events against what it is after. */
import type { Chat } from '@/contract/rows'
import { isPerson } from '@/session/actor'
import { isLost, isUndecided } from '@/store/delivery'
import type { AlertChoice } from '@/store/slices/workspace'

export type AlertKind =
  /** The player wrote. */
  | 'message'
  /** A colleague has taken my chat. */
  | 'taken'
  /** What I wrote was not sent, or may not have arrived. */
  | 'failed'
  /** The agent cannot go on, and nobody leads. */
  | 'needed'

export interface Alert {
  readonly kind: AlertKind
  readonly chat: Chat
  /** What was said, by the player or by me. */
  readonly text: string
}

/** The most urgent thing about the chat that has come with the change; undefined when nothing calls for me. */
export function judge(
  before: Chat | undefined,
  chat: Chat,
  me: string,
  scope: AlertChoice['scope'],
): Alert | undefined {
  const wasMine = before !== undefined && before.owner === me && !before.agentEnabled
  if (wasMine && chat.owner !== me && isPerson(chat.owner)) return { kind: 'taken', chat, text: '' }

  const lost = chat.messages.findLast((message) => message.author === me && (isLost(message) || isUndecided(message)))
  const was = before?.messages.findLast(({ id }) => id === lost?.id)?.delivery
  if (lost !== undefined && (was === 'queued' || was === 'sending')) return { kind: 'failed', chat, text: lost.text }

  const nobodys = !chat.agentEnabled && !isPerson(chat.owner)
  const mine = !chat.agentEnabled && chat.owner === me
  if (!mine && !(nobodys && scope === 'mineAndNobodys')) return undefined
  if (nobodys && before?.agentEnabled === true && chat.status === 'open') return { kind: 'needed', chat, text: '' }
  const heard = newLines(before, chat).findLast(({ from }) => from === 'player')
  return heard === undefined ? undefined : { kind: 'message', chat, text: heard.text }
}

function newLines(before: Chat | undefined, chat: Chat) {
  const last = before?.messages.at(-1)?.id
  return chat.messages.slice(last === undefined ? 0 : chat.messages.findLastIndex(({ id }) => id === last) + 1)
}
