// Generated from kernel/ by `python -m webui.contract`: do not edit.

import type { BotStatus, ChatStatus, DealStage, InviteStatus, MessageReason, TaskStatus } from "./enums"

export const MESSAGES_KEPT = 500

export const NOTES_KEPT = 100

/** Why messages have failed that the player may have all the same. */
export const IN_DOUBT_REASONS: readonly MessageReason[] = ["discardedInDoubt", "inDoubt"]

export const COMMANDS_KEPT = 10000

export const COMMANDS_KEPT_FOR = 604800000

export const COMMANDS_MOST = 100000

export const HOUR = 3600000

export const ITEM_LENGTH = 200

export const TEXT_LENGTH = 2000

export const LABEL_LENGTH = 64

export const MAFILE_LENGTH = 65536

/** Where a status may go from each status. */
export const BOT_MOVES: Readonly<Record<BotStatus, readonly BotStatus[]>> = {
  disconnected: ["connecting", "disconnected", "authFailed"],
  connecting: ["connected", "disconnected", "authFailed"],
  connected: ["disconnected", "authFailed"],
  authFailed: ["connecting", "disconnected"],
}

export const TASK_MOVES: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  created: ["assigned", "failed", "disposed"],
  assigned: ["created", "invited", "accepted", "failed", "disposed", "resolved"],
  invited: ["accepted", "failed", "disposed", "resolved"],
  accepted: ["failed", "disposed", "resolved"],
  failed: [],
  disposed: [],
  resolved: [],
}

export const INVITE_MOVES: Readonly<Record<InviteStatus, readonly InviteStatus[]>> = {
  queued: ["queued", "requested", "sent"],
  requested: ["queued", "sent"],
  sent: ["queued", "sent"],
}

export const CHAT_MOVES: Readonly<Record<ChatStatus, readonly ChatStatus[]>> = {
  open: ["closed"],
  closed: [],
}

/** `agreed` is that of a resolved task without a deal. */
export const DEAL_MOVES: Readonly<Record<DealStage | 'agreed', readonly DealStage[]>> = {
  agreed: ["traded", "fellThrough"],
  traded: ["settled", "reversed"],
  settled: ["reversed"],
  reversed: [],
  fellThrough: [],
}

/** Where a task goes back to when the end that a person has recorded is undone. */
export const UNDO_MOVES: Readonly<Partial<Record<TaskStatus, TaskStatus>>> = {"failed": "accepted", "resolved": "accepted"}

export const DEAL_NOTE_LENGTH = 500

export const OPEN_TASKS: readonly TaskStatus[] = ["created", "assigned", "invited", "accepted"]
