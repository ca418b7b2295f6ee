// Generated from kernel/ by `python -m webui.contract`: do not edit.

export type BotStatus = "connecting" | "connected" | "disconnected" | "authFailed"
export const BOT_STATUSES: readonly BotStatus[] = ["connecting", "connected", "disconnected", "authFailed"]

export type TaskStatus = "created" | "assigned" | "invited" | "accepted" | "failed" | "disposed" | "resolved"
export const TASK_STATUSES: readonly TaskStatus[] = ["created", "assigned", "invited", "accepted", "failed", "disposed", "resolved"]

export type InviteStatus = "queued" | "requested" | "sent"
export const INVITE_STATUSES: readonly InviteStatus[] = ["queued", "requested", "sent"]

export type ChatStatus = "open" | "closed"
export const CHAT_STATUSES: readonly ChatStatus[] = ["open", "closed"]

export type Sender = "bot" | "player"
export const SENDERS: readonly Sender[] = ["bot", "player"]

export type Delivery = "queued" | "sent" | "failed"
export const DELIVERIES: readonly Delivery[] = ["queued", "sent", "failed"]

export type InviteRefusal = "declined" | "lapsed"
export const INVITE_REFUSALS: readonly InviteRefusal[] = ["declined", "lapsed"]

/** What may stand in braces in a canned reply: the page puts in what the chat at hand has for it. */
export type ReplyVariable = "item" | "priceMin" | "priceMax" | "currency" | "agreedPrice" | "bot" | "operator"
export const REPLY_VARIABLES: readonly ReplyVariable[] = ["item", "priceMin", "priceMax", "currency", "agreedPrice", "bot", "operator"]

export type PluginStatus = "running" | "stopped" | "failed" | "quarantined"
export const PLUGIN_STATUSES: readonly PluginStatus[] = ["running", "stopped", "failed", "quarantined"]

export type Role = "viewer" | "operator" | "developer" | "admin"
export const ROLES: readonly Role[] = ["viewer", "operator", "developer", "admin"]
