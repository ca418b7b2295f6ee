/** Why something is as it is, and what happens or is to be done next: a sentence for every status. */
import type { Bot, Chat, Invite, Task } from '@/contract/rows'
import { type Reason, explainReason } from '@/explain/reasons'
import type { Texts } from '@/i18n/en/texts'
import { moment } from '@/i18n/time'
import { needsOf } from '@/queue/needs'
import { isPerson } from '@/session/actor'
import type { Language } from '@/store/slices/workspace'

/** What a status means for the operator: colours go by it. */
export type Tone = 'good' | 'busy' | 'wait' | 'bad' | 'idle' | 'agent'

export interface Explanation {
  readonly tone: Tone
  readonly why: string
  /** What a person should do; undefined when nobody has to. */
  readonly next?: string
  /** What the server or an operator has said about it in words of their own. */
  readonly said?: string
}

export interface Words {
  readonly texts: Texts
  readonly language: Language
  readonly now: number
}

/** The author of what somebody wrote as the bot with another Steam client. */
const ELSEWHERE = 'steam:elsewhere'

export function botName(bot: Pick<Bot, 'label' | 'steamId64'>): string {
  return bot.label ?? bot.steamId64
}

/** What Steam holds against the account, a sentence each. */
export function standingOf(bot: Bot, texts: Texts): readonly string[] {
  return bot.standing.map((mark) => texts.bot.standing[mark])
}

export function explainBot(bot: Bot, { texts, language, now }: Words): Explanation {
  const reasonOr = (usual: string) => explainReason(bot.reason, bot.detail, texts.explain.botReasons, usual, texts)
  const holds = [
    [bot.messagesHeldUntil, texts.bot.messagesHeld],
    [bot.invitesBlockedUntil, texts.bot.invitesBlocked],
  ] as const
  const told = holds.flatMap(([until, text]) =>
    until !== null && until > now ? [text(moment(until, now, language))] : [],
  )
  const blocked = told.length > 0 ? told.join('. ') : undefined
  const standing = standingOf(bot, texts)
  switch (bot.status) {
    case 'connected':
      return blocked === undefined
        ? { tone: 'good', why: [texts.explain.botOnline, ...standing].join(' ') }
        : { tone: 'wait', why: [`${blocked}.`, ...standing].join(' ') }
    case 'connecting':
      return { tone: 'busy', why: texts.explain.botSigningIn }
    case 'disconnected': {
      const retry =
        bot.retryAt !== null && bot.retryAt > now ? texts.explain.retryAt(moment(bot.retryAt, now, language)) : ''
      return { tone: 'idle', ...followed(reasonOr(texts.explain.botOffline), retry) }
    }
    case 'authFailed':
      return { tone: 'bad', ...stopped(reasonOr(`${texts.botStatus.authFailed}.`), bot, texts) }
  }
}

export function explainTask(task: Task, bot: Bot | undefined, { texts, language, now }: Words): Explanation {
  const reasonOr = (usual: string) =>
    explainReason(task.reason, task.detail, texts.explain.taskReasons, usual, texts, task.nextStep)
  const until =
    task.waitingUntil !== null && task.waitingUntil > now
      ? texts.explain.until(moment(task.waitingUntil, now, language))
      : ''
  const waiting = (usual: string) => followed(reasonOr(usual), until)
  switch (task.status) {
    case 'created':
      return { tone: 'wait', ...waiting(texts.explain.taskCreated) }
    case 'assigned':
      return {
        tone: 'wait',
        ...waiting(texts.explain.taskAssigned(bot === undefined ? texts.task.bot : botName(bot))),
      }
    case 'invited':
      return { tone: 'busy', ...waiting(texts.explain.taskInvited) }
    case 'accepted':
      return { tone: 'agent', ...waiting(texts.explain.taskAccepted) }
    case 'resolved':
      return { tone: 'good', ...reasonOr(texts.explain.taskResolved) }
    case 'failed':
      return { tone: 'bad', ...reasonOr(texts.explain.taskFailed) }
    case 'disposed':
      return { tone: 'idle', ...reasonOr(texts.explain.taskDisposed) }
  }
}

export function explainChat(chat: Chat, me: string | undefined, { texts, language, now }: Words): Explanation {
  if (chat.status === 'closed') return { tone: 'idle', why: texts.chatGroup.closed }
  if (chat.agentEnabled) {
    const step = chat.scriptStep === null ? '' : texts.chat.step(chat.scriptStep)
    const wait =
      chat.turnAt !== null && chat.turnAt > now ? texts.chat.waitsUntil(moment(chat.turnAt, now, language)) : ''
    return { tone: 'agent', why: [texts.chat.agentLeads, step, wait].filter(Boolean).join(', ') }
  }
  const who =
    chat.owner === null
      ? texts.chat.noAgent
      : chat.owner === me
        ? texts.chat.youLead
        : isPerson(chat.owner)
          ? texts.chat.takenBy(actorName(chat.owner, texts))
          : leaderless(chat, texts)
  return { tone: needsOf(chat, undefined).length > 0 ? 'wait' : 'busy', why: who }
}

/** Why the agent is off where nobody has taken the chat from it. */
function leaderless({ agentOff, messages }: Chat, texts: Texts): string {
  // a chat from before the server kept that: its last line of ours may tell
  const ours = messages.findLast(({ from }) => from === 'bot')
  const guessed = ours?.author === ELSEWHERE ? 'sentElsewhere' : 'agentFailed'
  return texts.chat.leaderless(texts.chat.agentOffWhy[agentOff?.why ?? guessed])
}

export function actorName(actor: string, texts: Texts): string {
  const [kind, ...rest] = actor.split(':')
  const name = rest.join(':')
  switch (kind) {
    case 'operator':
      return texts.actor.operator(name)
    case 'agent':
      return texts.actor.agent(name)
    case 'plugin':
      return texts.actor.plugin(name)
    case 'notebook':
      return texts.actor.notebook(name)
    case 'shell':
      return texts.actor.shell(name)
    case 'player':
      return texts.actor.player
    case 'steam':
      return texts.actor.elsewhere
    default:
      return kind === 'kernel' || kind === 'system' ? texts.actor.system : actor
  }
}

/** The place of a task's invite in the queue of its bot, from 1. */
export function queuePlace(invite: Invite, invites: Iterable<Invite>): { place: number; length: number } {
  let [place, length] = [1, 0]
  for (const other of invites) {
    if (other.botId !== invite.botId || other.status !== 'queued') continue
    length += 1
    if (other.queuedAt < invite.queuedAt || (other.queuedAt === invite.queuedAt && other.taskId < invite.taskId))
      place += 1
  }
  return { place, length }
}

export function priceRange(task: Pick<Task, 'priceMin' | 'priceMax' | 'currency'>): string {
  const range = task.priceMin === task.priceMax ? task.priceMin : `${task.priceMin} – ${task.priceMax}`
  return `${range} ${task.currency}`
}

/** The same with one more sentence after it. */
function followed({ why, ...more }: Reason, after: string): Reason {
  return { why: after === '' ? why : `${why} ${after}`, ...more }
}

/** A bot that stands still until a person has acted: there is always something to do. */
function stopped({ why, next, said }: Reason, { nextStep }: Bot, texts: Texts): Reason {
  if (texts.serverSpeaks) return { why, next: nextStep || next || texts.explain.needsPerson }
  const quoted = [said, nextStep].filter(Boolean).join(' ')
  return { why, next: next ?? texts.explain.needsPerson, ...(quoted === '' ? {} : { said: quoted }) }
}
