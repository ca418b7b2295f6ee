/** Detects what to alert this operator to, by comparing a chat before and after a batch of events. */
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

/** The most urgent alert for this change; undefined when there is none. */
export function detectAlert(
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
