// Generated from kernel/ by `python -m webui.contract`: do not edit.

import type { AgentOffReason, FailureReason, FallThroughReason, Role } from "./enums"
import type { BotId, ChatId, Decimal, MessageId, Millis, NoteId, ReplyId, SteamId64, TaskId } from "./ids"

/**
 * Add a Steam account: its maFile (the JSON object or its text), its sticky proxy, and its password.
 *
 * Without a password the maFile must hold a refresh token that is good for a client.
 */
export interface AddBotFromMaFile {
  readonly maFile: Readonly<Record<string, unknown>> | string
  readonly proxyUrl: string
  readonly password?: string | null
  readonly label?: string | null
}

/** Sign the bot out and forget it with its secrets. Its waiting tasks go to other bots, its chats are closed. */
export interface RemoveBot {
  readonly botId: BotId
}

/** Give a bot another turn to sign in now, once what kept it out has been mended. */
export interface ReconnectBot {
  readonly botId: BotId
}

/** Have a bot talk with a player about an item at a price within a range; both ends are included. */
export interface CreateTask {
  readonly playerSteamId64: SteamId64
  readonly item: string
  readonly priceMin: Decimal
  readonly priceMax: Decimal
  readonly currency: string
  readonly language?: string | null
}

/** Put an open task away: its invite is withdrawn, its chat is closed, nothing more is said. */
export interface DisposeTask {
  readonly taskId: TaskId
  readonly reason?: string | null
}

/**
 * Record by hand that a price is agreed: the task is resolved, and its trade is to be done.
 *
 * A price outside the task's range is refused unless `outside_range` says that it is meant.
 */
export interface ResolveTask {
  readonly taskId: TaskId
  readonly agreedPrice: Decimal
  readonly outsideRange?: boolean
}

/** Record by hand that nothing comes of a talk, and why. */
export interface FailTask {
  readonly taskId: TaskId
  readonly reason: FailureReason
  readonly note?: string | null
}

/** Record that the trade of a resolved task is done; `offer` is the link or the number of the trade offer. */
export interface RecordTrade {
  readonly taskId: TaskId
  readonly offer?: string | null
  readonly note?: string | null
}

/** Record that the trade of a resolved task will not come about, and why. */
export interface RecordFallThrough {
  readonly taskId: TaskId
  readonly reason: FallThroughReason
  readonly note?: string | null
}

/** Record that a trade that was done has been reversed at Steam, and why. */
export interface RecordReversal {
  readonly taskId: TaskId
  readonly note: string
}

/**
 * Take back what was recorded last about a task's outcome by hand, within a minute.
 *
 * Where it was the end of the talk, the task is open again: the chat has ended, and another one is begun with no
 * agent.
 */
export interface UndoOutcome {
  readonly taskId: TaskId
}

/**
 * Let a player be invited of whom it is not known whether they declined, or who may see a removed bot's invite.
 *
 * Only a person may, who has looked. What is known to have been declined or left unanswered, no one lifts.
 */
export interface AllowInvite {
  readonly playerSteamId64: SteamId64
}

/**
 * Take the chat over (`enabled` false) or give it back to the agent (true).
 *
 * Once a take-over is answered, the agent says nothing more in that chat.
 */
export interface ToggleAgent {
  readonly chatId: ChatId
  readonly enabled: boolean
  /** The actor who has the chat, to take it from them knowingly. If it is another's by then, that is refused too. */
  readonly takeFrom?: string | null
  /** Why no agent is to lead it: for programs, which know. Left out, it is told by who asks. */
  readonly why?: AgentOffReason | null
}

/** Say something to the player in the bot's name. An operator who writes takes the chat over by it. */
export interface SendMessage {
  readonly chatId: ChatId
  readonly text: string
}

/**
 * Say once more what failed or stayed in doubt, in the name of whoever asks. A message is retried at most once.
 *
 * Of one in doubt, Steam's history is read before: where it has arrived after all, its own id is the answer.
 */
export interface RetryMessage {
  readonly chatId: ChatId
  readonly messageId: MessageId
}

/** Take back what waits to be sent, or leave what is in doubt as it is: it is not sent, or not sent again. */
export interface DiscardMessage {
  readonly chatId: ChatId
  readonly messageId: MessageId
}

/** Leave a player alone: open tasks and chats with them end, and nothing is sent to them any more. */
export interface AddDoNotContact {
  readonly playerSteamId64: SteamId64
}

/** Take a player off the do-not-contact list, by name. Only a person may. */
export interface RemoveDoNotContact {
  readonly playerSteamId64: SteamId64
}

/**
 * Take a person's words and names out of everything that is kept here, for good; they are left alone from then on.
 *
 * Open tasks and chats with them end. Who they were stays as a keyed hash, so that nobody contacts them again; it is
 * what the command is answered with.
 */
export interface ForgetPlayer {
  readonly playerSteamId64: SteamId64
}

/** Stop all invites and messages of the whole fleet at once, even while the journal cannot write. */
export interface PauseContact {
  readonly reason?: string | null
}

/** Let invites and messages go out again. */
export type ResumeContact = Readonly<Record<string, never>>

/** Count one more word or phrase, in any case of letters, as a player's wish to be left alone. */
export interface AddStopWord {
  readonly word: string
}

/** No longer count a word that operators added; the built-in ones stay. */
export interface RemoveStopWord {
  readonly word: string
}

/** Write something down about a chat, open or closed, for our own people. */
export interface AddNote {
  readonly chatId: ChatId
  readonly text: string
}

/** Take a note out of its chat. It stays in the journal. */
export interface RemoveNote {
  readonly chatId: ChatId
  readonly noteId: NoteId
}

/**
 * Whoever asks has read the chat up to this line, and with it. A mark never goes back.
 *
 * No viewer's: what is read by one who cannot answer is not seen by the team.
 */
export interface MarkRead {
  readonly chatId: ChatId
  readonly upTo: MessageId
}

/** All that was said until now counts as read by whoever asks: for one who is new, or has been away. */
export type MarkAllRead = Readonly<Record<string, never>>

/**
 * Keep words that the team says often; with a `reply_id`, in place of what that one was.
 *
 * `{item}`, `{priceMin}` and the other variables stand for what the chat has, in which the reply is used.
 */
export interface SaveCannedReply {
  readonly title: string
  readonly text: string
  readonly replyId?: ReplyId | null
}

/** Offer this canned reply no longer. */
export interface RemoveCannedReply {
  readonly replyId: ReplyId
}

/** Put the chat off until `until` (UTC milliseconds), or until the player writes, which ends it in any case. */
export interface SnoozeChat {
  readonly chatId: ChatId
  readonly until?: Millis | null
}

/** Take up again what was put off, before its time or after it. */
export interface UnsnoozeChat {
  readonly chatId: ChatId
}

/**
 * Hand an open chat over to a colleague, as an actor such as `operator:boris`; `note` is for them.
 *
 * They lead it from then on. A chat that its agent leads is taken over for them; a colleague's has to be taken first.
 */
export interface AssignChat {
  readonly chatId: ChatId
  readonly to: string
  readonly note?: string | null
}

/** Whoever asks was called to the chat, and has seen it. */
export interface MarkMentionRead {
  readonly chatId: ChatId
}

/** Start an installed plugin with the code that is on disk, and let it run after a restart too. */
export interface EnablePlugin {
  readonly name: string
}

/** Let a plugin end what it has under way, stop it, and leave it stopped after a restart too. */
export interface DisablePlugin {
  readonly name: string
}

/**
 * Forget a plugin that is uninstalled, switched off or stopped: it leaves the list, and no start looks for it.
 *
 * One that is still installed is listed again at the next start, as one that can be enabled.
 */
export interface DismissPlugin {
  readonly name: string
}

/** Run a plugin with the code that is on disk now. Where that does not start, what ran before goes on. */
export interface ReloadPlugin {
  readonly name: string
}

/**
 * Have the agent `new` take the place of the agent `old`, which ends the turns that it has begun.
 *
 * Where the new one does not start, the old one goes on.
 */
export interface SwapAgent {
  readonly old: string
  readonly new: string
}

/** Every command that may come from outside. */
export interface Commands {
  readonly AddBotFromMaFile: AddBotFromMaFile
  readonly RemoveBot: RemoveBot
  readonly ReconnectBot: ReconnectBot
  readonly CreateTask: CreateTask
  readonly DisposeTask: DisposeTask
  readonly ResolveTask: ResolveTask
  readonly FailTask: FailTask
  readonly RecordTrade: RecordTrade
  readonly RecordFallThrough: RecordFallThrough
  readonly RecordReversal: RecordReversal
  readonly UndoOutcome: UndoOutcome
  readonly AllowInvite: AllowInvite
  readonly ToggleAgent: ToggleAgent
  readonly SendMessage: SendMessage
  readonly RetryMessage: RetryMessage
  readonly DiscardMessage: DiscardMessage
  readonly AddDoNotContact: AddDoNotContact
  readonly RemoveDoNotContact: RemoveDoNotContact
  readonly ForgetPlayer: ForgetPlayer
  readonly PauseContact: PauseContact
  readonly ResumeContact: ResumeContact
  readonly AddStopWord: AddStopWord
  readonly RemoveStopWord: RemoveStopWord
  readonly AddNote: AddNote
  readonly RemoveNote: RemoveNote
  readonly MarkRead: MarkRead
  readonly MarkAllRead: MarkAllRead
  readonly SaveCannedReply: SaveCannedReply
  readonly RemoveCannedReply: RemoveCannedReply
  readonly SnoozeChat: SnoozeChat
  readonly UnsnoozeChat: UnsnoozeChat
  readonly AssignChat: AssignChat
  readonly MarkMentionRead: MarkMentionRead
  readonly EnablePlugin: EnablePlugin
  readonly DisablePlugin: DisablePlugin
  readonly DismissPlugin: DismissPlugin
  readonly ReloadPlugin: ReloadPlugin
  readonly SwapAgent: SwapAgent
}

export type CommandKind = keyof Commands

/** What a command creates: the id in its answer. */
export interface Created {
  readonly AddBotFromMaFile: BotId
  readonly RemoveBot: null
  readonly ReconnectBot: null
  readonly CreateTask: TaskId
  readonly DisposeTask: null
  readonly ResolveTask: null
  readonly FailTask: null
  readonly RecordTrade: null
  readonly RecordFallThrough: null
  readonly RecordReversal: null
  readonly UndoOutcome: null
  readonly AllowInvite: null
  readonly ToggleAgent: null
  readonly SendMessage: MessageId
  readonly RetryMessage: MessageId
  readonly DiscardMessage: null
  readonly AddDoNotContact: null
  readonly RemoveDoNotContact: null
  readonly ForgetPlayer: SteamId64
  readonly PauseContact: null
  readonly ResumeContact: null
  readonly AddStopWord: null
  readonly RemoveStopWord: null
  readonly AddNote: NoteId
  readonly RemoveNote: null
  readonly MarkRead: null
  readonly MarkAllRead: null
  readonly SaveCannedReply: ReplyId
  readonly RemoveCannedReply: null
  readonly SnoozeChat: null
  readonly UnsnoozeChat: null
  readonly AssignChat: null
  readonly MarkMentionRead: null
  readonly EnablePlugin: null
  readonly DisablePlugin: null
  readonly DismissPlugin: null
  readonly ReloadPlugin: null
  readonly SwapAgent: null
}

export const COMMAND_KINDS: readonly CommandKind[] = [
  "AddBotFromMaFile",
  "RemoveBot",
  "ReconnectBot",
  "CreateTask",
  "DisposeTask",
  "ResolveTask",
  "FailTask",
  "RecordTrade",
  "RecordFallThrough",
  "RecordReversal",
  "UndoOutcome",
  "AllowInvite",
  "ToggleAgent",
  "SendMessage",
  "RetryMessage",
  "DiscardMessage",
  "AddDoNotContact",
  "RemoveDoNotContact",
  "ForgetPlayer",
  "PauseContact",
  "ResumeContact",
  "AddStopWord",
  "RemoveStopWord",
  "AddNote",
  "RemoveNote",
  "MarkRead",
  "MarkAllRead",
  "SaveCannedReply",
  "RemoveCannedReply",
  "SnoozeChat",
  "UnsnoozeChat",
  "AssignChat",
  "MarkMentionRead",
  "EnablePlugin",
  "DisablePlugin",
  "DismissPlugin",
  "ReloadPlugin",
  "SwapAgent"
]

/** The least role that may give each command; `ROLES` lists them from the least on. */
export const COMMAND_ROLES: Readonly<Record<CommandKind, Role>> = {"AddBotFromMaFile": "developer", "RemoveBot": "developer", "ReconnectBot": "developer", "CreateTask": "operator", "DisposeTask": "operator", "ResolveTask": "operator", "FailTask": "operator", "RecordTrade": "operator", "RecordFallThrough": "operator", "RecordReversal": "operator", "UndoOutcome": "operator", "AllowInvite": "operator", "ToggleAgent": "operator", "SendMessage": "operator", "RetryMessage": "operator", "DiscardMessage": "operator", "AddDoNotContact": "operator", "RemoveDoNotContact": "operator", "ForgetPlayer": "admin", "PauseContact": "operator", "ResumeContact": "operator", "AddStopWord": "operator", "RemoveStopWord": "operator", "AddNote": "operator", "RemoveNote": "operator", "MarkRead": "operator", "MarkAllRead": "operator", "SaveCannedReply": "operator", "RemoveCannedReply": "operator", "SnoozeChat": "operator", "UnsnoozeChat": "operator", "AssignChat": "operator", "MarkMentionRead": "operator", "EnablePlugin": "developer", "DisablePlugin": "developer", "DismissPlugin": "developer", "ReloadPlugin": "developer", "SwapAgent": "developer"}
