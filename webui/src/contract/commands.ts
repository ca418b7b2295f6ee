// Generated from kernel/ by `python -m webui.contract`: do not edit.

import type { BotId, ChatId, Decimal, MessageId, SteamId64, TaskId } from "./ids"

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
 * Take the chat over (`enabled` false) or give it back to the agent (true).
 *
 * Once a take-over is answered, the agent says nothing more in that chat.
 */
export interface ToggleAgent {
  readonly chatId: ChatId
  readonly enabled: boolean
}

/** Say something to the player in the bot's name. An operator who writes takes the chat over by it. */
export interface SendMessage {
  readonly chatId: ChatId
  readonly text: string
}

/** Leave a player alone: open tasks and chats with them end, and nothing is sent to them any more. */
export interface AddDoNotContact {
  readonly playerSteamId64: SteamId64
}

/** Take a player off the do-not-contact list, by name. Only a person may. */
export interface RemoveDoNotContact {
  readonly playerSteamId64: SteamId64
}

/** Stop all invites and messages of the whole fleet at once. */
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

/** Every command that may come from outside. */
export interface Commands {
  readonly AddBotFromMaFile: AddBotFromMaFile
  readonly RemoveBot: RemoveBot
  readonly ReconnectBot: ReconnectBot
  readonly CreateTask: CreateTask
  readonly DisposeTask: DisposeTask
  readonly ToggleAgent: ToggleAgent
  readonly SendMessage: SendMessage
  readonly AddDoNotContact: AddDoNotContact
  readonly RemoveDoNotContact: RemoveDoNotContact
  readonly PauseContact: PauseContact
  readonly ResumeContact: ResumeContact
  readonly AddStopWord: AddStopWord
  readonly RemoveStopWord: RemoveStopWord
}

export type CommandKind = keyof Commands

/** What a command creates: the id in its answer. */
export interface Created {
  readonly AddBotFromMaFile: BotId
  readonly RemoveBot: null
  readonly ReconnectBot: null
  readonly CreateTask: TaskId
  readonly DisposeTask: null
  readonly ToggleAgent: null
  readonly SendMessage: MessageId
  readonly AddDoNotContact: null
  readonly RemoveDoNotContact: null
  readonly PauseContact: null
  readonly ResumeContact: null
  readonly AddStopWord: null
  readonly RemoveStopWord: null
}

export const COMMAND_KINDS: readonly CommandKind[] = [
  "AddBotFromMaFile",
  "RemoveBot",
  "ReconnectBot",
  "CreateTask",
  "DisposeTask",
  "ToggleAgent",
  "SendMessage",
  "AddDoNotContact",
  "RemoveDoNotContact",
  "PauseContact",
  "ResumeContact",
  "AddStopWord",
  "RemoveStopWord"
]
