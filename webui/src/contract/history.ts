// Generated from kernel/ by `python -m webui.contract`: do not edit.

import type { AgentOffReason, DealStage } from "./enums"

/** Who caused the outcome of a task; each task that has ended is one of them. */
export type CausedBy = "agent" | "help" | "hand"
export const CAUSED_BIES: readonly CausedBy[] = ["agent", "help", "hand"]

/** How far a task has ever got. */
export type TaskStage = "invited" | "accepted" | "already" | "talked" | "agreed" | "traded" | "settled" | "reversed" | "reversible" | "fellThrough" | "toTrade" | "open" | "ended"
export const TASK_STAGES: readonly TaskStage[] = ["invited", "accepted", "already", "talked", "agreed", "traded", "settled", "reversed", "reversible", "fellThrough", "toTrade", "open", "ended"]

/**
 * What every answer says of itself: it holds all events up to `upTo`, of the time `asOf`; `behind` have come
 * since.
 */
export interface AsOf {
  readonly upTo: number
  readonly asOf: number
  readonly behind?: number
  /** The archive is being built anew from the journal, so that much may be missing yet. */
  readonly building?: boolean
}

/** One page, newest first. With `next` there is more: ask again with it as `before`. */
export interface PastPage {
  readonly upTo: number
  readonly asOf: number
  readonly behind?: number
  readonly building?: boolean
  readonly next?: number | null
}

/** A task as it is or was. `no` is the number of the event that created it. */
export interface PastTask {
  readonly no: number
  readonly id: string
  readonly playerSteamId64: string
  readonly item: string
  readonly priceMin: string
  readonly priceMax: string
  readonly currency: string
  readonly language?: string | null
  readonly status: string
  readonly reason?: string | null
  readonly agreedPrice?: string | null
  readonly botId?: string | null
  readonly chatId?: string | null
  readonly createdAt: number
  readonly createdBy: string
  readonly assignedAt?: number | null
  readonly invitedAt?: number | null
  readonly acceptedAt?: number | null
  readonly talkedAt?: number | null
  readonly agreedAt?: number | null
  readonly endedAt?: number | null
  /** The agent that last led, as an actor. */
  readonly agent?: string | null
  /** The person who last had a hand in it, as an actor. */
  readonly operator?: string | null
  readonly causedBy?: CausedBy | null
  /** Why the agent was first switched off. */
  readonly handedOver?: string | null
  /** What has become of the agreed price until now; none: its trade is still to be done. */
  readonly deal?: DealStage | null
  readonly dealAt?: number | null
  readonly dealBy?: string | null
  /** Why it fell through. */
  readonly dealReason?: string | null
  readonly tradedAt?: number | null
  readonly settledAt?: number | null
  readonly reversedAt?: number | null
}

/** A chat as it is or was. `no` is the number of the event that began it. */
export interface PastChat {
  readonly no: number
  readonly id: string
  readonly botId: string
  readonly botSteamId64?: string | null
  readonly botLabel?: string | null
  readonly playerSteamId64: string
  readonly taskId?: string | null
  readonly startedAt: number
  readonly closedAt?: number | null
  readonly reason?: string | null
  readonly agent?: string | null
  readonly operator?: string | null
  readonly lines: number
}

/** A line of a chat. `seq` is the number of the event by which it came, and its place among the lines. */
export interface PastLine {
  readonly seq: number
  readonly id: string
  readonly ts: number
  readonly author: string
  /** `bot` or `player`. */
  readonly from: string
  readonly text: string
  readonly delivery?: string | null
  readonly reason?: string | null
  /** Of the first line that answers: how long it was waited for. */
  readonly waitedMs?: number | null
}

/** The agent of a chat was switched off, or on again. */
export interface PastHandover {
  readonly seq: number
  readonly ts: number
  readonly actor: string
  readonly enabled: boolean
  readonly why?: string | null
  readonly reason: string
  readonly detail?: string | null
}

/** A note about a chat. */
export interface PastNote {
  readonly seq: number
  readonly id: string
  readonly ts: number
  readonly author: string
  readonly text: string
  readonly removedAt?: number | null
}

/** A friend invite that went out. `outcome` is `accepted`, or the code of why not; none: nobody knows yet. */
export interface PastInvite {
  readonly seq: number
  readonly botId: string
  readonly sentAt: number
  readonly endedAt?: number | null
  readonly outcome?: string | null
}

/** Something that was recorded about the deal of a task: `kind` is the stage that it came to. */
export interface PastOutcome {
  readonly seq: number
  readonly ts: number
  readonly kind: DealStage
  readonly by: string
  readonly reason?: string | null
  readonly note?: string | null
  readonly offerId?: string | null
  readonly reversibleUntil?: number | null
  /** When it was taken back as a mistake. */
  readonly undoneAt?: number | null
}

/** A line, and where it was said. */
export interface FoundLine {
  readonly seq: number
  readonly id: string
  readonly ts: number
  readonly author: string
  readonly from: string
  readonly text: string
  readonly delivery?: string | null
  readonly reason?: string | null
  readonly waitedMs?: number | null
  readonly chatId: string
  readonly botId: string
  readonly playerSteamId64: string
  readonly taskId?: string | null
}

/** `GET /api/history/messages`. */
export interface FoundLines {
  readonly upTo: number
  readonly asOf: number
  readonly behind?: number
  readonly building?: boolean
  readonly next?: number | null
  readonly records: readonly FoundLine[]
}

/** `GET /api/history/tasks`. */
export interface TaskPage {
  readonly upTo: number
  readonly asOf: number
  readonly behind?: number
  readonly building?: boolean
  readonly next?: number | null
  readonly records: readonly PastTask[]
}

/** `GET /api/history/chats`. */
export interface ChatPage {
  readonly upTo: number
  readonly asOf: number
  readonly behind?: number
  readonly building?: boolean
  readonly next?: number | null
  readonly records: readonly PastChat[]
}

/** `GET /api/history/chat`: the latest lines first in `messages`' pages, oldest first within one. */
export interface OneChat {
  readonly upTo: number
  readonly asOf: number
  readonly behind?: number
  readonly building?: boolean
  readonly next?: number | null
  readonly chat: PastChat
  readonly task?: PastTask | null
  readonly messages: readonly PastLine[]
  readonly handovers: readonly PastHandover[]
  readonly notes: readonly PastNote[]
}

/** `GET /api/history/task`. */
export interface OneTask {
  readonly upTo: number
  readonly asOf: number
  readonly behind?: number
  readonly building?: boolean
  readonly task: PastTask
  readonly invites: readonly PastInvite[]
  readonly outcomes: readonly PastOutcome[]
}

/** Something that happened between us and a player. `kind` says what, and which of the fields below it has. */
export interface TimelineEntry {
  readonly seq: number
  readonly ts: number
  /**
   * `taskCreated`, `taskEnded`, `inviteSent`, `inviteEnded`, `chatStarted`, `chatClosed`, `message`, `handover`,
   * `note`, `outcome`.
   */
  readonly kind: string
  readonly botId?: string | null
  readonly chatId?: string | null
  readonly taskId?: string | null
  readonly task?: PastTask | null
  readonly chat?: PastChat | null
  readonly message?: PastLine | null
  readonly handover?: PastHandover | null
  readonly note?: PastNote | null
  readonly invite?: PastInvite | null
  readonly outcome?: PastOutcome | null
}

/** `GET /api/history/timeline`: one player, whichever bot. */
export interface Timeline {
  readonly upTo: number
  readonly asOf: number
  readonly behind?: number
  readonly building?: boolean
  readonly next?: number | null
  readonly records: readonly TimelineEntry[]
}

/** Who did what, when and from where. */
export interface AuditDeed {
  readonly seq: number
  readonly ts: number
  readonly actor: string
  readonly action: string
  readonly result: string
  readonly address: string
  readonly via: string
  readonly subject?: string | null
}

/** `GET /api/history/audit`. */
export interface AuditDeeds {
  readonly upTo: number
  readonly asOf: number
  readonly behind?: number
  readonly building?: boolean
  readonly next?: number | null
  readonly records: readonly AuditDeed[]
}

/** `GET /api/history/status`. */
export interface ArchiveStatus {
  readonly upTo: number
  readonly asOf: number
  readonly behind?: number
  readonly building?: boolean
  /** The event up to which the file is synced. */
  readonly durable?: number | null
  readonly bytes: number
  /** The time zone of its days. */
  readonly zone: string
  /** Why it does not go on, if it does not. */
  readonly trouble?: string | null
  /** Events that it could not read, and left out. */
  readonly passedOver?: number
}

/** So many, and where their rows are: a path with its query, such as `/api/history/tasks?stage=talked&…`. */
export interface Count {
  readonly n: number
  readonly rows: string
}

/** The cohort of tasks that were created in the range, by how far each has got until now. */
export interface Funnel {
  readonly created: Count
  readonly invited: Count
  readonly accepted: Count
  /** Of those accepted, who were friends before anyone asked: they were not invited. */
  readonly already: Count
  readonly talked: Count
  readonly agreed: Count
  readonly traded: Count
  readonly settled: Count
  readonly reversed: Count
  readonly fellThrough: Count
  /** Not ended yet: the numbers above may still grow. */
  readonly open: Count
}

/**
 * What was agreed in one currency, and what has become of it until now; currencies are never added up. Each `…Sum`
 * is of the agreed prices.
 */
export interface CurrencySum {
  readonly currency: string
  readonly agreed: Count
  readonly sum: string
  readonly traded: Count
  readonly tradedSum: string
  readonly settled: Count
  readonly settledSum: string
  readonly reversed: Count
  readonly reversedSum: string
  readonly fellThrough: Count
  readonly fellThroughSum: string
}

/** The agreed prices of some deals in one currency. */
export interface MoneySum {
  readonly currency: string
  readonly tasks: Count
  readonly sum: string
}

/** The deals that came to one stage within the range, whenever they were agreed. */
export interface OutcomeFigures {
  readonly kind: DealStage
  readonly tasks: Count
  readonly sums: readonly MoneySum[]
}

/**
 * The deals of one item in one currency. A place is where in its task's range a price is: 0 at `priceMin`, 1 at
 * `priceMax`; a range of one price has none.
 */
export interface ItemFigures {
  readonly item: string
  readonly currency: string
  readonly agreed: Count
  readonly sum: string
  /** The least `priceMin` of these tasks. */
  readonly lowest: string
  /** The greatest `priceMax`. */
  readonly highest: string
  /** Of the agreed prices; none where none was recorded. */
  readonly median?: string | null
  /** The median of the places. */
  readonly place?: number | null
  /** Deals by place, in 20 steps of 5 %; one at the upper end is in the last. */
  readonly places: readonly number[]
  readonly below?: number
  /** Deals outside their range. */
  readonly above?: number
  readonly traded: Count
  readonly settled: Count
  readonly reversed: Count
  readonly fellThrough: Count
}

/** Tasks that failed, or fell through, for one reason; none: no code was given. */
export interface ReasonCount {
  readonly reason?: string | null
  readonly tasks: Count
}

/** Of the tasks that have ended, those whose outcome was caused in one way. */
export interface CauseFigures {
  readonly causedBy: CausedBy
  readonly ended: Count
  readonly resolved: Count
  readonly failed: Count
  readonly disposed: Count
  readonly traded: Count
  readonly settled: Count
  readonly reversed: Count
  readonly fellThrough: Count
}

/**
 * Of the tasks that have ended, those whose agent was first switched off for this; `other`: for what this version
 * does not know.
 */
export interface HandoverCount {
  readonly why: AgentOffReason
  readonly tasks: Count
  readonly resolved: Count
  readonly failed: Count
  readonly disposed: Count
  readonly traded: Count
  readonly reversed: Count
}

/**
 * How long the other side waited for an answer. The count and the mean are exact; the percentiles are the upper
 * ends of buckets, and at most 19 % too long.
 */
export interface AnswerTimes {
  /** `player` for all of them, else an actor: `agent:…`, `operator:…`, `notebook:…`. */
  readonly who: string
  readonly answers: Count
  readonly meanMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
}

/**
 * The talks (tasks with a chat) that have ended under one agent or operator: each talk is one leader's, the agent's
 * where it ended alone, else the person's who last had a hand in it.
 */
export interface LeaderFigures {
  /** An actor; empty for talks that nobody led. */
  readonly who: string
  readonly talks: Count
  readonly agreed: Count
  readonly traded: Count
  readonly settled: Count
  readonly reversed: Count
  readonly fellThrough: Count
  /** The mean place of the agreed prices. */
  readonly place?: number | null
  readonly sums: readonly CurrencySum[]
  readonly p50Ms?: number | null
  readonly p90Ms?: number | null
}

/** What happened on one day of the range: a trade counts on the day on which it was done, whenever it was agreed. */
export interface DayFigures {
  readonly day: string
  readonly created: Count
  readonly agreed: Count
  readonly failed: Count
  readonly traded: Count
  readonly settled: Count
  readonly reversed: Count
  readonly fellThrough: Count
}

/**
 * All figures of some days. `since` and `until` are the moments at which they begin and end, in the house's zone.
 *
 * `before` is the number of tasks that were created in as many days before.
 */
export interface DealReport {
  readonly upTo: number
  readonly asOf: number
  readonly behind?: number
  readonly building?: boolean
  readonly firstDay: string
  readonly lastDay: string
  readonly zone: string
  readonly since: number
  readonly until: number
  readonly funnel: Funnel
  readonly before: number
  /** The one denominator of causes, reasons and handovers: all tasks that ended in the range. */
  readonly ended: Count
  readonly sums: readonly CurrencySum[]
  /** By their number of deals, the most first; at most 500. */
  readonly items: readonly ItemFigures[]
  readonly failures: readonly ReasonCount[]
  /** Of the deals that were agreed in the range, why those that fell through did. */
  readonly fallthroughs: readonly ReasonCount[]
  /** What was recorded about deals in the range: each stage once, with those of none too. */
  readonly outcomes: readonly OutcomeFigures[]
  readonly causes: readonly CauseFigures[]
  readonly handovers: readonly HandoverCount[]
  readonly answers: readonly AnswerTimes[]
  /** Chats whose player has waited since then, and got no answer until now, or until the chat closed. */
  readonly unanswered: Count
  /** Chats whose player has not answered since then. */
  readonly unheard: Count
  readonly leaders: readonly LeaderFigures[]
  /** Each day of the range, up to 400 of them; none where there are more. */
  readonly days: readonly DayFigures[]
}
