/** Detects what to alert this operator to, by comparing a row of the queue before and after a batch of events. */
import type { Chat, Message } from '@/contract/rows'
import type { Need, NeedKind } from '@/queue/needs'
import type { QueueRow } from '@/queue/queue'
import { isPerson } from '@/session/actor'
import type { AlertChoice } from '@/store/slices/workspace'

export type AlertKind =
  /** The player wrote. */
  | 'message'
  /** A colleague has taken my chat. */
  | 'taken'
  /** The player has waited longer than the limit. */
  | 'overLimit'
  /** The chat needs a person for this. */
  | NeedKind

export interface Alert {
  readonly kind: AlertKind
  readonly chat: QueueRow
  /** What was said, by the player or by me. */
  readonly text: string
}

type Scope = AlertChoice['scope']

/** The most urgent alert for this change; undefined when there is none. */
export function detectAlert(before: QueueRow | undefined, chat: QueueRow, me: string, scope: Scope): Alert | undefined {
  const wasMine = before !== undefined && before.owner === me && !before.agentEnabled
  if (wasMine && chat.owner !== me && isPerson(chat.owner)) return { kind: 'taken', chat, text: '' }

  const told = (need: Need) => before?.needs.some(({ kind, about }) => kind === need.kind && about === need.about)
  for (const need of chat.needs) {
    if (need.kind === 'waits' || told(need) || need.by === me) continue
    const line = chat.messages.find(({ id }) => id === need.about)
    if (concerns(chat, scope) || line?.author === me) return { kind: need.kind, chat, text: line?.text ?? '' }
  }
  const asked = chat.needs.find((need) => need.kind === 'waits' && !told(need))
  const heard = newLines(before, chat).findLast(({ from }) => from === 'player')
  if (chat.agentEnabled || !concerns(chat, scope)) return undefined
  if (heard !== undefined) return { kind: 'message', chat, text: heard.text }
  // nothing new was said: what was said waits for a person since just now
  if (asked === undefined || before?.agentEnabled !== true || chat.whose !== 'nobodys') return undefined
  return { kind: 'waits', chat, text: lastHeard(chat)?.text ?? '' }
}

/** Is the operator called about this chat, as they chose? */
export function concerns({ whose }: Pick<QueueRow, 'whose'>, scope: Scope): boolean {
  return whose === 'mine' || (whose === 'nobodys' && scope === 'mineAndNobodys')
}

export function lastHeard({ messages }: Chat): Message | undefined {
  return messages.findLast(({ from }) => from === 'player')
}

function newLines(before: Chat | undefined, chat: Chat): readonly Message[] {
  const last = before?.messages.at(-1)?.id
  return chat.messages.slice(last === undefined ? 0 : chat.messages.findLastIndex(({ id }) => id === last) + 1)
}
