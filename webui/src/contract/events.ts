// Generated from kernel/ by `python -m webui.contract`: do not edit.

import type { AccountStanding, AgentOffReason, Binds, InviteRefusal, TaskStatus } from "./enums"
import type { BotId, ChatId, CommandId, Decimal, MessageId, Millis, NoteId, ReplyId, SteamId64, TaskId } from "./ids"
import type { Message, Persona } from "./rows"

/** A bot is known from now on; its secrets are in the transport's keeping. */
export interface BotAdded {
  readonly botId: BotId
  readonly steamId64: SteamId64
  readonly proxyUrl: string
  readonly label: string | null
}

/** A bot is no longer known; its open tasks and chats have been ended before. */
export interface BotRemoved {
  readonly botId: BotId
}

/** The bot's turn to sign in has come. */
export interface BotConnecting {
  readonly botId: BotId
}

/**
 * The bot is usable: signed in, and its list of friends is here.
 *
 * `steam_ts`: what time it is at Steam, in unix seconds, where the transport knows it.
 */
export interface BotConnected {
  readonly botId: BotId
  readonly steamTs: number | null
}

/** The bot is off. With `retry_at` it may be tried again from then on; without, when somebody wants it online. */
export interface BotDisconnected {
  readonly botId: BotId
  readonly reason: string
  readonly detail: string
  readonly retryAt: Millis | null
}

/** Steam does not let the bot in, and trying again would not help: a person has to act. */
export interface BotAuthFailed {
  readonly botId: BotId
  readonly reason: string
  readonly detail: string
  readonly nextStep: string
}

/** Steam takes no more invites from this bot until then. */
export interface BotInvitesBlocked {
  readonly botId: BotId
  readonly until: Millis
  readonly reason: string
  readonly detail: string
}

/** Steam takes no more messages from this bot until then, whoever they are for. */
export interface BotMessagesHeld {
  readonly botId: BotId
  readonly until: Millis
  readonly reason: string
  readonly detail: string
}

/** Steam tells how the bot's account stands with it: all that it holds against it from now on. */
export interface BotStandingChanged {
  readonly botId: BotId
  readonly standing: readonly AccountStanding[]
  readonly tradesHeldUntil: Millis | null
}

/**
 * The whole list of those who have invited the bot themselves, and how many more there are; told when it changes.
 *
 * A transport bounds how many it lists, and how often it tells it.
 */
export interface BotFriendRequestsListed {
  readonly botId: BotId
  readonly players: readonly SteamId64[]
  readonly more: number
}

/**
 * Steam says how a bot and a person now stand: `none`, `invited`, `invitedUs`, `friend`, `blocked`, `ignored`.
 *
 * Another word, of a transport that has more of them, stays in the journal and counts as not said.
 */
export interface FriendRelationshipChanged {
  readonly botId: BotId
  readonly playerSteamId64: SteamId64
  readonly relationship: string
}

/** A line between a bot and a person, live or read back from Steam's history; the same line may come twice. */
export interface FriendMessageArrived {
  readonly botId: BotId
  readonly playerSteamId64: SteamId64
  readonly text: string
  /** Seconds since the epoch, Steam's own. */
  readonly steamTs: number
  readonly ordinal: number
  /** The bot's account wrote it, in another Steam client than ours. */
  readonly fromBot: boolean
}

/** Somebody wants a trade talked about with a player. */
export interface TaskCreated {
  readonly taskId: TaskId
  readonly playerSteamId64: SteamId64
  readonly item: string
  readonly priceMin: Decimal
  readonly priceMax: Decimal
  readonly currency: string
  readonly language: string | null
}

/** A bot has been chosen for the task. */
export interface TaskAssigned {
  readonly taskId: TaskId
  readonly botId: BotId
}

/**
 * The task has moved on; back to `created` it loses its bot. `reason` is a code, `detail` a sentence.
 *
 * `by_hand`: a person has recorded how the talk ended, in place of its agent.
 */
export interface TaskStatusChanged {
  readonly taskId: TaskId
  readonly status: TaskStatus
  readonly reason: string | null
  readonly detail: string | null
  readonly agreedPrice: Decimal | null
  readonly byHand: boolean
}

/** These ended tasks leave the state, and stay in the archive; at most 100 of them. */
export interface TaskArchived {
  readonly taskIds: readonly TaskId[]
}

/**
 * Why the task does not move on just now, and until when, where that is known. Its status stays.
 *
 * `next_step` is what a person can do about it; None where nobody has to do anything.
 */
export interface TaskWaiting {
  readonly taskId: TaskId
  readonly reason: string
  readonly detail: string
  readonly until: Millis | null
  readonly nextStep: string | null
}

/** The trade of a resolved task was done. Until `reversible_until` Steam can reverse it. */
export interface TaskTraded {
  readonly taskId: TaskId
  readonly reversibleUntil: Millis
  readonly offerId: string | null
  readonly note: string | null
}

/** The trade of a resolved task will not come about. `reason` is a code, `detail` a sentence. */
export interface TaskFellThrough {
  readonly taskId: TaskId
  readonly reason: string
  readonly detail: string
}

/** The time in which Steam can reverse the trade is over. */
export interface TaskSettled {
  readonly taskId: TaskId
}

/** The trade was reversed at Steam; `note` says why. */
export interface TaskReversed {
  readonly taskId: TaskId
  readonly note: string
}

/**
 * What a person had recorded last about the outcome was a mistake, and has not been.
 *
 * `status`: where the task goes back to whose end it was: its chat is closed, and another one is begun without an
 * agent. None: its end stands, and what became of the deal since is taken back.
 */
export interface TaskOutcomeUndone {
  readonly taskId: TaskId
  readonly status: TaskStatus | null
}

/** An invite waits in the queue of its bot. One that had been requested surely never left, unless `attempted`. */
export interface FriendInviteQueued {
  readonly taskId: TaskId
  readonly botId: BotId
  readonly playerSteamId64: SteamId64
  /** It may have reached Steam and counts as an attempt, and still may go out: the player has invited the bot. */
  readonly attempted: boolean
}

/** It is decided to send the invite now. On disk before anything goes to Steam. */
export interface FriendInviteRequested {
  readonly taskId: TaskId
  readonly botId: BotId
  readonly playerSteamId64: SteamId64
}

/**
 * The request left and Steam answered no: it counts as an attempt, and the invite is back in its queue.
 *
 * `binds` says whom it holds up. With `retry_at` the bot tries again no sooner; without, it does not try again.
 */
export interface FriendInviteRefused {
  readonly taskId: TaskId
  readonly botId: BotId
  readonly playerSteamId64: SteamId64
  readonly reason: string
  readonly detail: string
  readonly binds: Binds
  readonly retryAt: Millis | null
}

/** Steam took the request: the player now sees the invite. */
export interface FriendInviteSent {
  readonly taskId: TaskId
  readonly botId: BotId
  readonly playerSteamId64: SteamId64
}

/** Bot and player are friends; `already` when they were before anyone asked. */
export interface FriendInviteAccepted {
  readonly taskId: TaskId
  readonly botId: BotId
  readonly playerSteamId64: SteamId64
  readonly already: boolean
}

/** The invite has ended without friendship. `declined`, `lapsed` and `inDoubt` are remembered of the player. */
export interface FriendInviteFailed {
  readonly taskId: TaskId
  readonly botId: BotId
  readonly playerSteamId64: SteamId64
  readonly reason: string
  readonly detail: string
}

/** The player may still see an invite of this account, which is to be taken back: they stay busy until it is. */
export interface FriendInviteLeftBehind {
  readonly steamId64: SteamId64
  readonly playerSteamId64: SteamId64
}

/** The player no longer sees an invite that was left behind. `refusal`: they, not we, may have ended it. */
export interface FriendInviteTakenBack {
  readonly steamId64: SteamId64
  readonly playerSteamId64: SteamId64
  readonly refusal: InviteRefusal | null
}

/** A conversation begins: about a task with the agent on, or because a friend wrote unasked, with the agent off. */
export interface ChatStarted {
  readonly chatId: ChatId
  readonly botId: BotId
  readonly playerSteamId64: SteamId64
  readonly taskId: TaskId | null
  readonly agentEnabled: boolean
}

/** The conversation is over for us; what the player still writes is kept in it. */
export interface ChatClosed {
  readonly chatId: ChatId
  readonly reason: string
}

/**
 * These closed chats leave the state, and stay in the archive; at most 100 of them.
 *
 * `heard`: for accounts of ours, up to which second of Steam's all that was written to them has been told.
 */
export interface ChatArchived {
  readonly chatIds: readonly ChatId[]
  readonly heard: Readonly<Record<string, number>>
}

/** The player wrote. */
export interface ChatMessageReceived {
  readonly chatId: ChatId
  readonly message: Message
}

/** Somebody wrote to the player as the bot, with another Steam client than this system. */
export interface ChatMessageEchoed {
  readonly chatId: ChatId
  readonly message: Message
}

/** It is decided to send this message, again if `retry_of` has failed. On disk before anything goes to Steam. */
export interface ChatMessageQueued {
  readonly chatId: ChatId
  readonly message: Message
  readonly retryOf: MessageId | null
}

/** The message is handed to Steam now. On disk before it is: found so after a crash, it is in doubt. */
export interface ChatMessageSending {
  readonly chatId: ChatId
  readonly messageId: MessageId
}

/** The message left, or may have, and no answer came: Steam's history is looked at for it. */
export interface ChatMessageUnanswered {
  readonly chatId: ChatId
  readonly messageId: MessageId
  readonly detail: string
}

/** Why the message, which Steam surely has not, does not go out just now; `until` when, where that is known. */
export interface ChatMessageWaiting {
  readonly chatId: ChatId
  readonly messageId: MessageId
  readonly reason: string
  readonly detail: string
  /** How often it was not taken so far. */
  readonly refusals: number
  readonly until: Millis | null
}

/** Steam's history did not show the message in time. It is not repeated, unless a person says so. */
export interface ChatMessageInDoubt {
  readonly chatId: ChatId
  readonly messageId: MessageId
  readonly detail: string
}

/** Steam has the message, under this identity: by its answer, or by its history however late. */
export interface ChatMessageSent {
  readonly chatId: ChatId
  readonly messageId: MessageId
  readonly steamTs: number
  readonly ordinal: number
}

/** The message was not sent, as far as anybody knows, and will not be unless somebody says so. */
export interface ChatMessageFailed {
  readonly chatId: ChatId
  readonly messageId: MessageId
  readonly reason: string
  readonly detail: string
}

/**
 * The chat changed hands and its epoch rose. `dropped` is what the agent was about to say.
 *
 * `why` is the kind of `reason`, `detail` a sentence; there is no `why` where the agent leads from now on.
 */
export interface ChatAgentToggled {
  readonly chatId: ChatId
  readonly enabled: boolean
  readonly epoch: number
  readonly reason: string
  readonly why: AgentOffReason | null
  readonly detail: string | null
  readonly dropped: string | null
}

/** The agent has come to a step, and waits for the player until `wait_until`. */
export interface DialogScriptAdvanced {
  readonly chatId: ChatId
  readonly agent: string
  readonly agentVersion: string | null
  readonly step: string
  readonly waitUntil: Millis | null
}

/** The dialogue has reached its end: `resolved` or `failed`. */
export interface DialogScriptCompleted {
  readonly chatId: ChatId
  readonly taskId: TaskId
  readonly agent: string
  readonly agentVersion: string | null
  readonly outcome: TaskStatus
  readonly reason: string
  readonly detail: string
  readonly agreedPrice: Decimal | null
}

/** The player is left alone from now on. `reason`: `saidStop`, `removedUs`, `blockedUs`, `operator`, `program`. */
export interface DoNotContactAdded {
  readonly playerSteamId64: SteamId64
  readonly reason: string
}

/**
 * An operator took the player off the list by name.
 *
 * `friends` are the accounts of ours that are their friends at that moment, or were when they were last heard of.
 */
export interface DoNotContactRemoved {
  readonly playerSteamId64: SteamId64
  readonly friends: readonly SteamId64[]
}

/**
 * A person has looked and allows an invite to a player of whom it was not known whether they declined one.
 *
 * `accounts` are those whose invites that were left behind count no more.
 */
export interface PlayerInviteAllowed {
  readonly playerSteamId64: SteamId64
  readonly accounts: readonly SteamId64[]
}

/** The rows of these players leave the state, at most 100 of them; what must be remembered of them stays. */
export interface PlayerArchived {
  readonly players: readonly SteamId64[]
}

/**
 * Nothing here knows the person any more: their rows have left, and `pseudonym` has what must be remembered.
 *
 * In the journal it has the pseudonym in both fields, once their words are taken out of it.
 */
export interface PlayerForgotten {
  readonly playerSteamId64: SteamId64
  readonly pseudonym: SteamId64
}

/** Nothing goes out to anyone from now on. */
export interface ContactPaused {
  readonly reason: string | null
}

/** Invites and messages may go out again. */
export type ContactResumed = Readonly<Record<string, never>>

/** Operators count one more word as a stop. */
export interface StopWordAdded {
  readonly word: string
}

/** Operators no longer count this word of theirs as a stop. */
export interface StopWordRemoved {
  readonly word: string
}

/**
 * A person we have to do with shows themselves otherwise on Steam; `persona` is the whole of it.
 *
 * A transport tells it only where it differs from the row, and bounds how often it does for one person.
 */
export interface PlayerPersonaChanged {
  readonly playerSteamId64: SteamId64
  readonly persona: Persona
}

/** Somebody wrote a note about the chat; who and when, the envelope says. */
export interface ChatNoteAdded {
  readonly chatId: ChatId
  readonly noteId: NoteId
  readonly text: string
}

/** The note stands no longer in the chat. */
export interface ChatNoteRemoved {
  readonly chatId: ChatId
  readonly noteId: NoteId
}

/** The actor has read the chat up to this line, and with it. */
export interface ChatRead {
  readonly chatId: ChatId
  readonly upTo: MessageId
}

/** All that was said until now counts as read by the actor, in every chat. */
export type OperatorCaughtUp = Readonly<Record<string, never>>

/** A canned reply is new, or has another title or text now. */
export interface CannedReplySaved {
  readonly replyId: ReplyId
  readonly title: string
  readonly text: string
}

/** A canned reply is no longer offered. */
export interface CannedReplyRemoved {
  readonly replyId: ReplyId
}

/** The actor puts the chat off: until a time of the wall, or until the player writes, which ends it in any case. */
export interface ChatSnoozed {
  readonly chatId: ChatId
  readonly until: Millis | null
}

/** The time until which the chat was put off is over: it needs a person again. */
export interface ChatSnoozeExpired {
  readonly chatId: ChatId
}

/** The actor takes the chat up again, before its time or after it. */
export interface ChatUnsnoozed {
  readonly chatId: ChatId
}

/** The actor hands the chat over: `to`, as an actor, leads it from now on. `note_id`: what was written for them. */
export interface ChatAssigned {
  readonly chatId: ChatId
  readonly to: string
  readonly noteId: NoteId | null
}

/** These operators, as actors, are named in a note of the chat. */
export interface ChatMentioned {
  readonly chatId: ChatId
  readonly operators: readonly string[]
  readonly noteId: NoteId
}

/** The actor, who was called to the chat, has seen it. */
export interface ChatMentionRead {
  readonly chatId: ChatId
}

/** A plugin is installed and does not run; EnablePlugin would start it. */
export interface PluginFound {
  readonly name: string
  readonly version: string | null
  readonly code: string | null
  readonly hooks: readonly string[]
  readonly fixed: boolean
}

/** A plugin is up. */
export interface PluginStarted {
  readonly name: string
  readonly version: string | null
  readonly code: string | null
  readonly hooks: readonly string[]
  readonly fixed: boolean
}

/** A plugin was stopped and has given everything back. */
export interface PluginStopped {
  readonly name: string
}

/** Somebody wants the plugin to run, whatever the config says, and after a restart too. */
export interface PluginEnabled {
  readonly name: string
}

/** Somebody wants the plugin not to run, whatever the config says, and after a restart neither. */
export interface PluginDisabled {
  readonly name: string
}

/** Nothing is wanted of the plugin any more: its row is gone, and no start looks for it. */
export interface PluginDismissed {
  readonly name: string
}

/** A plugin runs with the code that is on disk now. */
export interface PluginReloaded {
  readonly name: string
  readonly version: string | null
  readonly code: string | null
  readonly hooks: readonly string[]
  readonly fixed: boolean
}

/** The code on disk does not start, so what ran before goes on. `detail` says what is wrong with it, and where. */
export interface PluginRolledBack {
  readonly name: string
  readonly detail: string
}

/** `new` is asked in the place of `old` from now on, and after a restart too. */
export interface PluginSwapped {
  readonly old: string
  readonly new: string
}

/** A plugin kept failing, or did not start, and was switched off. */
export interface PluginQuarantined {
  readonly name: string
  readonly detail: string
}

/** A command that came with an id was carried out; the same id is answered from here when it comes again. */
export interface CommandCompleted {
  readonly id: CommandId
  readonly command: string
  readonly created: string | null
  /** Of the actor and of the payload without its secrets: another command under this id is refused. */
  readonly digest: string | null
}

/** The state is recovered and the plugins are up; what was under way is settled from here on. */
export interface SystemStarted {
  readonly version: string
}

/** The last event of a run that ended in good order. */
export type SystemStopped = Readonly<Record<string, never>>

/**
 * A run goes on from an earlier one, whose last event was `gap_ms` ago by this machine's clock.
 *
 * Below 0 that clock is behind what the state has seen: all that something is counted from moves back with it. Above,
 * what counts only while the system runs is taken up where it was.
 */
export interface ClockResumed {
  readonly gapMs: number
}

/**
 * The machine's clock was set, and has stayed there, so the system's went along; so do spans in the state.
 *
 * `by_ms` is how far, ahead or back. Times from before `run_began`, by the clock as it was, move by `earlier_by_ms`:
 * they may have been right already, where the clock was wrong from the start of the run on.
 */
export interface ClockStepped {
  readonly byMs: number
  readonly earlierByMs: number
  readonly runBegan: Millis
}

/** The actor has a Python shell inside the process, until then at the latest. */
export interface LiveShellOpened {
  readonly until: Millis
}

/** The actor runs a cell in the shell. Its text may hold secrets, so the event has its SHA-256 alone. */
export interface LiveShellRan {
  readonly cell: number
  readonly sha256: string
}

/** The shell is closed: `closed` by command, `left` from inside, `expired`, `stopped`, or its cell `leftBehind`. */
export interface LiveShellClosed {
  readonly reason: string
}

/** Something went wrong that nobody is waiting for: where, what, and nothing secret. */
export interface ErrorLogged {
  /** The plugin, or `kernel`. */
  readonly source: string
  readonly message: string
  readonly detail: string | null
}

/** Somebody from outside did something, or was refused it: who and when, the envelope says. Only admins see it. */
export interface AuditRecorded {
  /** The kind of the command, or what was done about a sign-in. */
  readonly action: string
  /** `ok`, `repeated` (given again under its id, answered as before), or the code of the refusal. */
  readonly result: string
  readonly address: string
  /** What the actor was known by, such as `token anna` or `session 3f2a`: never the secret itself. */
  readonly via: string
  /** What it was done to. */
  readonly subject: string | null
  /** When it was done, where that was before the event: at the command line. UTC milliseconds. */
  readonly happenedAt: number | null
}

/** Stands in the place of an event that the reader's role does not see, so that none seems to be missing. */
export type EventWithheld = Readonly<Record<string, never>>

/** What an event of each kind says. */
export interface Payloads {
  readonly "bot.added": BotAdded
  readonly "bot.removed": BotRemoved
  readonly "bot.connecting": BotConnecting
  readonly "bot.connected": BotConnected
  readonly "bot.disconnected": BotDisconnected
  readonly "bot.authFailed": BotAuthFailed
  readonly "bot.invitesBlocked": BotInvitesBlocked
  readonly "bot.messagesHeld": BotMessagesHeld
  readonly "bot.standingChanged": BotStandingChanged
  readonly "bot.friendRequestsListed": BotFriendRequestsListed
  readonly "friend.relationshipChanged": FriendRelationshipChanged
  readonly "friend.messageArrived": FriendMessageArrived
  readonly "task.created": TaskCreated
  readonly "task.assigned": TaskAssigned
  readonly "task.statusChanged": TaskStatusChanged
  readonly "task.archived": TaskArchived
  readonly "task.waiting": TaskWaiting
  readonly "task.traded": TaskTraded
  readonly "task.fellThrough": TaskFellThrough
  readonly "task.settled": TaskSettled
  readonly "task.reversed": TaskReversed
  readonly "task.outcomeUndone": TaskOutcomeUndone
  readonly "friendInvite.queued": FriendInviteQueued
  readonly "friendInvite.requested": FriendInviteRequested
  readonly "friendInvite.refused": FriendInviteRefused
  readonly "friendInvite.sent": FriendInviteSent
  readonly "friendInvite.accepted": FriendInviteAccepted
  readonly "friendInvite.failed": FriendInviteFailed
  readonly "friendInvite.leftBehind": FriendInviteLeftBehind
  readonly "friendInvite.takenBack": FriendInviteTakenBack
  readonly "chat.started": ChatStarted
  readonly "chat.closed": ChatClosed
  readonly "chat.archived": ChatArchived
  readonly "chat.messageReceived": ChatMessageReceived
  readonly "chat.messageEchoed": ChatMessageEchoed
  readonly "chat.messageQueued": ChatMessageQueued
  readonly "chat.messageSending": ChatMessageSending
  readonly "chat.messageUnanswered": ChatMessageUnanswered
  readonly "chat.messageWaiting": ChatMessageWaiting
  readonly "chat.messageInDoubt": ChatMessageInDoubt
  readonly "chat.messageSent": ChatMessageSent
  readonly "chat.messageFailed": ChatMessageFailed
  readonly "chat.agentToggled": ChatAgentToggled
  readonly "dialogScript.advanced": DialogScriptAdvanced
  readonly "dialogScript.completed": DialogScriptCompleted
  readonly "doNotContact.added": DoNotContactAdded
  readonly "doNotContact.removed": DoNotContactRemoved
  readonly "player.inviteAllowed": PlayerInviteAllowed
  readonly "player.archived": PlayerArchived
  readonly "player.forgotten": PlayerForgotten
  readonly "contact.paused": ContactPaused
  readonly "contact.resumed": ContactResumed
  readonly "stopWord.added": StopWordAdded
  readonly "stopWord.removed": StopWordRemoved
  readonly "player.personaChanged": PlayerPersonaChanged
  readonly "chat.noteAdded": ChatNoteAdded
  readonly "chat.noteRemoved": ChatNoteRemoved
  readonly "chat.read": ChatRead
  readonly "operator.caughtUp": OperatorCaughtUp
  readonly "cannedReply.saved": CannedReplySaved
  readonly "cannedReply.removed": CannedReplyRemoved
  readonly "chat.snoozed": ChatSnoozed
  readonly "chat.snoozeExpired": ChatSnoozeExpired
  readonly "chat.unsnoozed": ChatUnsnoozed
  readonly "chat.assigned": ChatAssigned
  readonly "chat.mentioned": ChatMentioned
  readonly "chat.mentionRead": ChatMentionRead
  readonly "plugin.found": PluginFound
  readonly "plugin.started": PluginStarted
  readonly "plugin.stopped": PluginStopped
  readonly "plugin.enabled": PluginEnabled
  readonly "plugin.disabled": PluginDisabled
  readonly "plugin.dismissed": PluginDismissed
  readonly "plugin.reloaded": PluginReloaded
  readonly "plugin.rolledBack": PluginRolledBack
  readonly "plugin.swapped": PluginSwapped
  readonly "plugin.quarantined": PluginQuarantined
  readonly "command.completed": CommandCompleted
  readonly "system.started": SystemStarted
  readonly "system.stopped": SystemStopped
  readonly "clock.resumed": ClockResumed
  readonly "clock.stepped": ClockStepped
  readonly "liveShell.opened": LiveShellOpened
  readonly "liveShell.ran": LiveShellRan
  readonly "liveShell.closed": LiveShellClosed
  readonly "error.logged": ErrorLogged
  readonly "audit.recorded": AuditRecorded
  readonly "event.withheld": EventWithheld
}

export type Kind = keyof Payloads

/** An event with its place in the one order: the same object on the wire, in the journal and in the browser. */
export interface EnvelopeOf<K extends Kind> {
  readonly seq: number
  readonly ts: Millis
  readonly actor: string
  readonly cause: number | null
  readonly v?: number
  readonly kind: K
  readonly payload: Payloads[K]
}

/** Any event: `kind` tells which. */
export type Envelope = { [K in Kind]: EnvelopeOf<K> }[Kind]

export const KINDS: readonly Kind[] = [
  "bot.added",
  "bot.removed",
  "bot.connecting",
  "bot.connected",
  "bot.disconnected",
  "bot.authFailed",
  "bot.invitesBlocked",
  "bot.messagesHeld",
  "bot.standingChanged",
  "bot.friendRequestsListed",
  "friend.relationshipChanged",
  "friend.messageArrived",
  "task.created",
  "task.assigned",
  "task.statusChanged",
  "task.archived",
  "task.waiting",
  "task.traded",
  "task.fellThrough",
  "task.settled",
  "task.reversed",
  "task.outcomeUndone",
  "friendInvite.queued",
  "friendInvite.requested",
  "friendInvite.refused",
  "friendInvite.sent",
  "friendInvite.accepted",
  "friendInvite.failed",
  "friendInvite.leftBehind",
  "friendInvite.takenBack",
  "chat.started",
  "chat.closed",
  "chat.archived",
  "chat.messageReceived",
  "chat.messageEchoed",
  "chat.messageQueued",
  "chat.messageSending",
  "chat.messageUnanswered",
  "chat.messageWaiting",
  "chat.messageInDoubt",
  "chat.messageSent",
  "chat.messageFailed",
  "chat.agentToggled",
  "dialogScript.advanced",
  "dialogScript.completed",
  "doNotContact.added",
  "doNotContact.removed",
  "player.inviteAllowed",
  "player.archived",
  "player.forgotten",
  "contact.paused",
  "contact.resumed",
  "stopWord.added",
  "stopWord.removed",
  "player.personaChanged",
  "chat.noteAdded",
  "chat.noteRemoved",
  "chat.read",
  "operator.caughtUp",
  "cannedReply.saved",
  "cannedReply.removed",
  "chat.snoozed",
  "chat.snoozeExpired",
  "chat.unsnoozed",
  "chat.assigned",
  "chat.mentioned",
  "chat.mentionRead",
  "plugin.found",
  "plugin.started",
  "plugin.stopped",
  "plugin.enabled",
  "plugin.disabled",
  "plugin.dismissed",
  "plugin.reloaded",
  "plugin.rolledBack",
  "plugin.swapped",
  "plugin.quarantined",
  "command.completed",
  "system.started",
  "system.stopped",
  "clock.resumed",
  "clock.stepped",
  "liveShell.opened",
  "liveShell.ran",
  "liveShell.closed",
  "error.logged",
  "audit.recorded",
  "event.withheld"
]

/** Events that are facts of the log and leave the state as it is. */
export type ChangesNothing = "friend.relationshipChanged" | "friend.messageArrived" | "system.started" | "system.stopped" | "liveShell.opened" | "liveShell.ran" | "liveShell.closed" | "audit.recorded" | "event.withheld"
