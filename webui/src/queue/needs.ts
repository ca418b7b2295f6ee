/** Why a chat needs a person, and since when: the one definition that the list, the badge, the title, the keys and the alerts share. */
import type { AgentOffReason } from '@/contract/enums'
import type { Millis } from '@/contract/ids'
import type { Chat, Message, Task } from '@/contract/rows'
import { isPerson } from '@/session/actor'
import { isAnswer, isLost, isUndecided } from '@/store/delivery'

export type NeedKind =
  /** What we wrote last was not sent. */
  | 'notSent'
  /** It is not known whether a line arrived: a person decides whether it is sent again. */
  | 'inDoubt'
  /** Steam has reversed the trade. */
  | 'reversed'
  /** The agent was switched off by a failure, and nobody leads. */
  | 'agentOff'
  /** A colleague has handed the chat over to this operator. */
  | 'assigned'
  /** This operator is named in a note. */
  | 'named'
  /** The player waits for a person. */
  | 'waits'
  /** The time is over until which the chat was put off. */
  | 'snoozeDue'
  /** The price is agreed, and the trade is to be done. */
  | 'trade'

export interface Need {
  readonly kind: NeedKind
  readonly since: Millis
  /** What it is about, such as the id of a line: two needs of one kind that differ in it are two. */
  readonly about: string
  /** Whose deed it follows from, as an actor, where that is known: they need not be told of it. */
  readonly by?: string | null
}

/** The gravest first: that is the one which a row names. */
export const NEED_KINDS: readonly NeedKind[] = [
  'notSent',
  'inDoubt',
  'reversed',
  'agentOff',
  'assigned',
  'named',
  'waits',
  'snoozeDue',
  'trade',
]

/** Whose the chat is, for the operator who looks at it. */
export type Whose = 'mine' | 'nobodys' | 'colleagues'

export function whoseIs({ owner, mentions }: Pick<Chat, 'owner' | 'mentions'>, me: string | undefined): Whose {
  // whoever is called to it has to see to it, whoever leads it
  if (mentions.some(({ operator }) => operator === me)) return 'mine'
  if (!isPerson(owner)) return 'nobodys'
  return owner === me ? 'mine' : 'colleagues'
}

/** What a person has to see to in the chat, the gravest first. `task` is the chat's, where it is known. */
export function needsOf(chat: Chat, task: Task | undefined, me?: string): readonly Need[] {
  const { snooze } = chat
  const lasting = [...(chat.status === 'open' ? ofTalk(chat) : []), ...ofDeal(chat, task)]
  // what it was put off for waits; what has gone wrong since does not
  const pressing = isSnoozed(chat) ? lasting.filter(({ since }) => since > (snooze?.since ?? 0)) : lasting
  const needs = [...pressing, ...calls(chat, me)]
  if (snooze?.dueAt != null) needs.push({ kind: 'snoozeDue', since: snooze.dueAt, about: `${snooze.dueAt}` })
  return needs.length < 2 ? needs : needs.sort((a, b) => NEED_KINDS.indexOf(a.kind) - NEED_KINDS.indexOf(b.kind))
}

/** Has somebody put the chat off, to a time that has not come or until the player writes? */
export function isSnoozed({ snooze }: Pick<Chat, 'snooze'>): boolean {
  return snooze !== null && snooze.dueAt === null
}

function calls({ mentions }: Chat, me: string | undefined): Need[] {
  return mentions
    .filter(({ operator }) => operator === me)
    .map(({ why, since, by }) => ({ kind: why, since, about: `${since}`, by }))
}

/** Since when the longest of them lasts: what the queue is ordered by. */
export function oldest(needs: readonly Need[]): Millis {
  return Math.min(...needs.map(({ since }) => since))
}

function ofTalk(chat: Chat): Need[] {
  const needs: Need[] = []
  const ours = chat.messages.findLast(({ from }) => from === 'bot')
  if (ours !== undefined && isLost(ours)) needs.push({ kind: 'notSent', since: ours.ts, about: ours.id })
  const doubtful = chat.messages.find(isUndecided)
  if (doubtful !== undefined) needs.push({ kind: 'inDoubt', since: doubtful.ts, about: doubtful.id })
  if (chat.agentEnabled) return needs
  const failed = failedSince(chat)
  if (failed !== undefined) needs.push({ kind: 'agentOff', since: failed, about: `${chat.epoch}` })
  const waits = waitsSince(chat)
  if (waits !== undefined) needs.push({ kind: 'waits', ...waits })
  return needs
}

/** No failure: a person has the chat or wrote in it, or it never had an agent. `playerAsked` waits for a person. */
const NO_FAILURE: ReadonlySet<AgentOffReason> = new Set(['operator', 'noTask', 'sentElsewhere', 'playerAsked'])

/** Since when nobody leads because the agent failed; undefined where somebody does, or it has not. */
function failedSince({ agentOff, owner, startedAt, messages }: Chat): Millis | undefined {
  const taken = owner !== null
  if (isPerson(owner)) return undefined
  if (agentOff !== null) return NO_FAILURE.has(agentOff.why) ? undefined : agentOff.since
  // a chat from before the reason was kept: a plugin has switched its agent off
  return taken ? (messages.at(-1)?.ts ?? startedAt) : undefined
}

/** Since when the player waits: the first of their lines that nobody has answered, or when they asked for a person. */
function waitsSince({ messages, agentOff, owner, startedAt }: Chat): { since: Millis; about: string } | undefined {
  const answered = messages.findLastIndex(isAnswer)
  const first = messages.slice(answered + 1).find(fromPlayer)
  const last = messages.findLast(fromPlayer)
  if (first !== undefined) return { since: first.ts, about: last?.id ?? first.id }
  if (agentOff?.why !== 'playerAsked' || isPerson(owner)) return undefined
  return { since: Math.max(agentOff.since, startedAt), about: last?.id ?? '' }
}

function ofDeal(chat: Chat, task: Task | undefined): Need[] {
  // a task whose end was undone goes on in another chat
  if (task?.status !== 'resolved' || task.chatId !== chat.id) return []
  if (task.deal === null)
    return [{ kind: 'trade', since: task.statusSince, about: task.id, by: task.byHand ? chat.owner : null }]
  if (task.deal.stage === 'reversed')
    return [{ kind: 'reversed', since: task.deal.since, about: task.id, by: task.deal.by }]
  return []
}

const fromPlayer = ({ from }: Message) => from === 'player'
