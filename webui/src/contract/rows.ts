// Generated from kernel/ by `python -m webui.contract`: do not edit.

import type { AccountStanding, AgentOffReason, Binds, BotStatus, ChatStatus, DealStage, Delivery, InviteRefusal, InviteStatus, MentionReason, PersonaState, PluginStatus, Sender, TaskStatus } from "./enums"
import type { BotId, ChatId, CommandId, Decimal, MessageId, Millis, NoteId, ReplyId, SteamId64, TaskId } from "./ids"

/** Somebody who has invited a bot themselves, and since when that is known. */
export interface FriendRequest {
  readonly playerSteamId64: SteamId64
  readonly since: Millis
}

/** A Steam account that we run. `proxy_url` has no password in it; `reason` is a code, `detail` a sentence. */
export interface Bot {
  readonly id: BotId
  readonly steamId64: SteamId64
  readonly proxyUrl: string
  readonly label: string | null
  readonly status: BotStatus
  readonly statusSince: Millis
  readonly reason: string | null
  readonly detail: string | null
  /** What a person should do about it; None when nobody has to do anything. */
  readonly nextStep: string | null
  /** When the transport allows another try; None when a person has to act first, or nothing is wrong. */
  readonly retryAt: Millis | null
  readonly lastSeen: Millis | null
  readonly addedAt: Millis
  /** The seq of the last task.assigned to this bot: what round-robin goes by. */
  readonly assignedSeq: number
  /** Steam takes no invites from this account before then. */
  readonly invitesBlockedUntil: Millis | null
  /** Steam takes no messages from this account before then. */
  readonly messagesHeldUntil: Millis | null
  /** What Steam holds against the account, as it last told. */
  readonly standing: readonly AccountStanding[]
  /** When the account may trade again, where Steam has said it. */
  readonly tradesHeldUntil: Millis | null
  /** Who has invited the bot, the longest-waiting first. */
  readonly friendRequests: readonly FriendRequest[]
  /** How many more there are than are listed. */
  readonly friendRequestsMore: number
}

/**
 * A trade to talk about with one player.
 *
 * `reason` (a code) and `detail` (a sentence) say why it stands where it stands, or how it ended; `next_step` what a
 * person can do about it.
 */
export interface Task {
  readonly id: TaskId
  readonly playerSteamId64: SteamId64
  readonly item: string
  readonly priceMin: Decimal
  readonly priceMax: Decimal
  readonly currency: string
  readonly language: string | null
  readonly status: TaskStatus
  readonly statusSince: Millis
  readonly createdAt: Millis
  readonly createdBy: string
  readonly assignedBotId: BotId | null
  readonly chatId: ChatId | null
  readonly reason: string | null
  readonly detail: string | null
  /** Since when it is for this reason; another sentence for the same reason does not change it. */
  readonly reasonSince: Millis | null
  readonly nextStep: string | null
  /** When what it waits for is over at the latest, where that is known. */
  readonly waitingUntil: Millis | null
  readonly agreedPrice: Decimal | null
  /** Invites that reached Steam for it or may have, whatever Steam answered, over all bots. */
  readonly inviteAttempts: number
  /** A person recorded how the talk ended, in place of its agent. */
  readonly byHand: boolean
  /** What has become of the agreed price; None of a resolved task: its trade is to be done. */
  readonly deal: Deal | null
  /** When its end was last undone: since then a person leads it. */
  readonly reopenedAt: Millis | null
}

/**
 * A friend invite that waits or is under way, of the task `task_id`; gone from the state when it has ended.
 *
 * `reason`, `detail` and `binds` say how Steam refused its last attempt, if it did.
 */
export interface Invite {
  readonly taskId: TaskId
  readonly botId: BotId
  readonly playerSteamId64: SteamId64
  readonly status: InviteStatus
  readonly queuedAt: Millis
  readonly requestedAt: Millis | null
  readonly sentAt: Millis | null
  /** How often this bot has asked Steam for it, whatever Steam answered. */
  readonly attempts: number
  /** Not before then. None in the queue, with a reason: this bot does not try again. */
  readonly retryAt: Millis | null
  readonly reason: string | null
  readonly detail: string | null
  readonly binds: Binds | null
}

/** Why a player is left alone: since when, for which reason (a code), and who put them on the list. */
export interface DoNotContact {
  readonly since: Millis
  readonly reason: string
  readonly by: string
}

/** What must be remembered about a person, whichever bot met them. */
export interface Player {
  readonly steamId64: SteamId64
  readonly doNotContact: DoNotContact | null
  readonly inviteRefusal: InviteRefusal | null
  readonly inviteRefusedAt: Millis | null
  /** When an operator last took them off the list: a chat from before tells no longer how the two stand. */
  readonly clearedAt: Millis | null
  /** Accounts of ours that were surely their friends then: where one is no more, they have ended it since. */
  readonly clearedAmong: readonly SteamId64[]
  /** None until Steam has told who they are. */
  readonly persona: Persona | null
}

/** An invite of an account that a player may still see, though no task is about it any more. */
export interface LeftBehind {
  readonly playerSteamId64: SteamId64
  readonly since: Millis
}

/**
 * What must be remembered about a bot's Steam account even when the bot is removed and added again.
 *
 * `last_invite_at` is when an invite of it last reached Steam, or may have, whatever Steam answered.
 */
export interface Account {
  readonly steamId64: SteamId64
  readonly lastInviteAt: Millis
  /** Invites to take back as soon as the account is online, one for each player; they keep the players busy. */
  readonly leftBehind: readonly LeftBehind[]
}

/**
 * The fleet's switch for outgoing contact, the invites of the last hour, and the operator's own stop words.
 *
 * `invites` holds when each invite was requested, ascending; one that surely never left is taken out again.
 */
export interface Contact {
  readonly id: string
  readonly paused: boolean
  readonly pausedBy: string | null
  readonly pausedAt: Millis | null
  readonly invites: readonly Millis[]
  readonly stopWords: readonly string[]
}

/** Words that the team says often, under a title, with variables in braces such as `{item}`. */
export interface CannedReply {
  readonly id: ReplyId
  readonly title: string
  readonly text: string
  readonly savedAt: Millis
  readonly savedBy: string
}

/** One of our people, as an actor: lines from before `caught_up_at` count as read by them. */
export interface Operator {
  readonly actor: string
  readonly caughtUpAt: Millis
}

/** A command that was carried out, kept so that the same id is not carried out twice. */
export interface DoneCommand {
  readonly id: CommandId
  readonly command: string
  readonly created: string | null
  /** Of the actor and of the payload without its secrets; None from before there was one. */
  readonly digest: string | null
  readonly ts: Millis
}

/** A plugin as the host sees it. */
export interface PluginRow {
  readonly name: string
  readonly status: PluginStatus
  readonly since: Millis
  readonly detail: string | null
  readonly version: string | null
  /** The first 16 hexadecimal digits of the SHA-256 of the source that it runs, or ran last. */
  readonly code: string | null
  readonly hooks: readonly string[]
  /** It can be neither disabled nor swapped. */
  readonly fixed: boolean
  /** What somebody has decided by a command; where nobody has, the config says whether it runs. */
  readonly enabled: boolean | null
  /** The plugin in whose place in the order it is asked, if not in its own. */
  readonly seat: string | null
  readonly lastError: string | null
  readonly lastErrorAt: Millis | null
}

/** How far the delivery of a message has got that was not sent yet. */
export interface Attempt {
  /** When it was last handed to Steam; None when it surely is not there. */
  readonly handedAt: Millis | null
  /** How often it was not taken. */
  readonly refusals: number
  /** When it is handed over again, at the earliest. */
  readonly retryAt: Millis | null
}

/** A line of a chat. `author` is an actor (`agent:…`, `operator:…`, `player:…`); `epoch` fences what a bot says. */
export interface Message {
  readonly id: MessageId
  readonly from: Sender
  readonly text: string
  readonly ts: Millis
  readonly author: string
  /** Of the agent that wrote it; None for people, and in lines from before this was kept. */
  readonly authorVersion: string | null
  readonly delivery: Delivery | null
  readonly epoch: number
  readonly step: string | null
  readonly error: string | null
  /** The code of `error`; None where the message was told to have failed before there were codes. */
  readonly reason: string | null
  /**
   * None where it is sent, or a version of before there were attempts queued it: that one may have handed it over.
   */
  readonly attempt: Attempt | null
  /** When it was last handed over, for limits of time: only time in which the system runs counts. */
  readonly countedAt: Millis | null
  /** Steam's own time of the message, in seconds: with `ordinal`, its identity within the conversation. */
  readonly steamTs: number | null
  readonly ordinal: number | null
  /** The message that says this again, where somebody has asked for that after it failed or stayed in doubt. */
  readonly retriedAs: MessageId | null
}

/** What Steam knows a line of a conversation by: its time in seconds, and its number within that second. */
export interface LineKey {
  readonly steamTs: number
  readonly ordinal: number
}

/** The latest of a chat's lines that are held no longer, by who wrote them: none up to it is news. */
export interface Forgotten {
  readonly bot: LineKey | null
  readonly player: LineKey | null
}

/** Why no agent leads the chat, since when, and who or what has seen to that. `detail` is a sentence. */
export interface AgentOff {
  readonly why: AgentOffReason
  readonly since: Millis
  readonly by: string
  readonly detail: string | null
}

/** What one of ours has written down about a chat for the others. It is never sent, and no agent is shown it. */
export interface Note {
  readonly id: NoteId
  readonly text: string
  readonly ts: Millis
  readonly author: string
}

/** The conversation of one bot with one player about one task. */
export interface Chat {
  readonly id: ChatId
  readonly botId: BotId
  /** The bot's account, which outlives the bot. None in chats from before this was kept. */
  readonly botSteamId64: SteamId64 | null
  readonly playerSteamId64: SteamId64
  readonly taskId: TaskId | null
  readonly status: ChatStatus
  readonly agentEnabled: boolean
  /** None while the agent leads, and in chats from before this was kept. */
  readonly agentOff: AgentOff | null
  /** Raised by each toggle of the agent: a line written in an earlier epoch is never sent. */
  readonly epoch: number
  /** The operator who took the chat over, as an actor. */
  readonly owner: string | null
  /** The plugin that last led the dialogue. */
  readonly agent: string | null
  /** Its version then; None where it has none, and in chats from before this was kept. */
  readonly agentVersion: string | null
  readonly messages: readonly Message[]
  readonly forgotten: Forgotten | null
  readonly notes: readonly Note[]
  /** By operator, as an actor: the last line that they have read. Replaced whole, never written to. */
  readonly read: Readonly<Record<string, MessageId>>
  readonly scriptStep: string | null
  /** When the agent is asked again if the player stays silent. */
  readonly turnAt: Millis | null
  readonly startedAt: Millis
  readonly closedAt: Millis | null
  /** None where nobody has put the chat off. */
  readonly snooze: Snooze | null
  /** Whom of our people it calls, each once; whoever has seen it is called no longer. */
  readonly mentions: readonly Mention[]
}

/** What Steam last told of a person. Names are foreign text, cleaned (`texts.cleaned_name`); None is not known. */
export interface Persona {
  /** The persona name; None also where nothing of it could be seen, or it was the form of a SteamID. */
  readonly name: string | null
  /** The hash of the picture, 40 hexadecimal digits. */
  readonly avatar: string | null
  readonly state: PersonaState | null
  /** The app that they play, by its number; None: none. */
  readonly gameId: number | null
  /** What Steam calls that game, where it says so; of a game that is not Steam's the person has written it. */
  readonly game: string | null
}

/** What has become of an agreed price. `since` and `by`: when the stage was recorded, and by which actor. */
export interface Deal {
  readonly stage: DealStage
  readonly since: Millis
  readonly by: string
  readonly tradedAt: Millis | null
  /** The number of the trade offer at Steam, where whoever recorded it has given it. */
  readonly offerId: string | null
  /** Until when Steam can reverse the trade, by the setting for items of its kind. */
  readonly reversibleUntil: Millis | null
  readonly reason: string | null
  /** What was said about it: what became of a deal that fell through, why a trade was reversed. */
  readonly note: string | null
}

/** The chat needs nobody until then, or until the player writes. */
export interface Snooze {
  /** The wall's time; None: until the player writes. */
  readonly until: Millis | null
  readonly since: Millis
  readonly by: string
  /** When its time was over: since then it needs a person. */
  readonly dueAt: Millis | null
}

/** An operator, as an actor, is called to the chat, and has not seen it yet. */
export interface Mention {
  readonly operator: string
  readonly why: MentionReason
  readonly since: Millis
  readonly by: string
  /** The note in which they are named, or that was written for them. */
  readonly noteId: NoteId | null
}
