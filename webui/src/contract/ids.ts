// Generated from kernel/ by `python -m webui.contract`: do not edit.

declare const brand: unique symbol

/** A string that only its own kind may stand in for. */
type Branded<Name extends string> = string & { readonly [brand]: Name }

export type BotId = Branded<"BotId">
export type TaskId = Branded<"TaskId">
export type ChatId = Branded<"ChatId">
export type MessageId = Branded<"MessageId">
export type NoteId = Branded<"NoteId">
export type ReplyId = Branded<"ReplyId">
export type CommandId = Branded<"CommandId">
export type SteamId64 = Branded<"SteamId64">

/** UTC milliseconds since the epoch, or a span of milliseconds. */
export type Millis = number

/** An exact decimal, as its digits: never to be made a floating-point number. */
export type Decimal = string
