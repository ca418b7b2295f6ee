/** Rows of the archive in the form of the live state's, so that what draws those draws these. */
import type { Delivery, Sender, TaskStatus } from '@/contract/enums'
import type { OneChat, PastChat, PastLine, PastNote, PastTask } from '@/contract/history'
import type { BotId, ChatId, MessageId, NoteId, SteamId64, TaskId } from '@/contract/ids'
import type { Chat, Message, Note, Task } from '@/contract/rows'

export function taskOf(task: PastTask): Task {
  return {
    id: task.id as TaskId,
    playerSteamId64: task.playerSteamId64 as SteamId64,
    item: task.item,
    priceMin: task.priceMin,
    priceMax: task.priceMax,
    currency: task.currency,
    language: task.language ?? null,
    status: task.status as TaskStatus,
    statusSince: task.endedAt ?? task.acceptedAt ?? task.invitedAt ?? task.assignedAt ?? task.createdAt,
    createdAt: task.createdAt,
    createdBy: task.createdBy,
    assignedBotId: (task.botId ?? null) as BotId | null,
    chatId: (task.chatId ?? null) as ChatId | null,
    reason: task.reason ?? null,
    detail: null,
    reasonSince: null,
    nextStep: null,
    waitingUntil: null,
    agreedPrice: task.agreedPrice ?? null,
    inviteAttempts: 0,
    byHand: task.causedBy === 'hand',
    deal: null,
    reopenedAt: null,
  }
}

export function chatOf(chat: PastChat, messages: readonly PastLine[], notes: readonly PastNote[]): Chat {
  return {
    id: chat.id as ChatId,
    botId: chat.botId as BotId,
    botSteamId64: (chat.botSteamId64 ?? null) as SteamId64 | null,
    playerSteamId64: chat.playerSteamId64 as SteamId64,
    taskId: (chat.taskId ?? null) as TaskId | null,
    // one that is open is in the live state: this page is only a moment behind
    status: chat.closedAt == null ? 'open' : 'closed',
    agentEnabled: false,
    agentOff: null,
    epoch: 1,
    owner: chat.operator ?? null,
    agent: chat.agent?.replace(/^agent:/, '') ?? null,
    agentVersion: null,
    messages: messages.map(lineOf),
    forgotten: null,
    notes: notes.map(noteOf),
    read: {},
    scriptStep: null,
    turnAt: null,
    startedAt: chat.startedAt,
    closedAt: chat.closedAt ?? null,
    snooze: null,
    mentions: [],
  }
}

export function lineOf(line: PastLine): Message {
  return {
    id: line.id as MessageId,
    from: line.from as Sender,
    text: line.text,
    ts: line.ts,
    author: line.author,
    authorVersion: null,
    delivery: (line.delivery ?? null) as Delivery | null,
    epoch: 1,
    step: null,
    error: null,
    reason: line.reason ?? null,
    attempt: null,
    countedAt: null,
    steamTs: null,
    ordinal: null,
    retriedAs: null,
  }
}

function noteOf({ id, text, ts, author }: PastNote): Note {
  return { id: id as NoteId, text, ts, author }
}

/** What the archive has of a chat, as it is kept here. */
export function viewOf({ chat, task, messages, notes, next }: OneChat) {
  return {
    chat: chatOf(chat, messages, notes),
    task: task == null ? null : taskOf(task),
    lines: chat.lines,
    next: next ?? null,
  }
}
