/** Rows for tests: whole ones, of which a test says what matters to it. */
import type { BotId, ChatId, MessageId, SteamId64, TaskId } from '@/contract/ids'
import type { Bot, Chat, Invite, Message, Task } from '@/contract/rows'

export const NOON = Date.UTC(2026, 0, 1, 12)

export function bot(fields: Partial<Bot> = {}): Bot {
  return {
    id: 'bot_1' as BotId,
    steamId64: '76561199000000001' as SteamId64,
    proxyUrl: 'socks5h://proxy.example:1080',
    label: null,
    status: 'connected',
    statusSince: NOON,
    reason: null,
    detail: null,
    nextStep: null,
    retryAt: null,
    lastSeen: NOON,
    addedAt: NOON,
    assignedSeq: 0,
    invitesBlockedUntil: null,
    messagesHeldUntil: null,
    standing: [],
    tradesHeldUntil: null,
    friendRequests: [],
    friendRequestsMore: 0,
    ...fields,
  }
}

export function task(fields: Partial<Task> = {}): Task {
  return {
    id: 'task_1' as TaskId,
    playerSteamId64: '76561198000000001' as SteamId64,
    item: 'AK-47 | Redline',
    priceMin: '10.00',
    priceMax: '12.50',
    currency: 'USD',
    language: null,
    status: 'created',
    statusSince: NOON,
    createdAt: NOON,
    createdBy: 'operator:anna',
    assignedBotId: null,
    chatId: null,
    reason: null,
    detail: null,
    reasonSince: null,
    nextStep: null,
    waitingUntil: null,
    agreedPrice: null,
    inviteAttempts: 0,
    byHand: false,
    deal: null,
    reopenedAt: null,
    ...fields,
  }
}

export function invite(fields: Partial<Invite> = {}): Invite {
  return {
    taskId: 'task_1' as TaskId,
    botId: 'bot_1' as BotId,
    playerSteamId64: '76561198000000001' as SteamId64,
    status: 'queued',
    queuedAt: NOON,
    requestedAt: null,
    sentAt: null,
    attempts: 0,
    retryAt: null,
    reason: null,
    detail: null,
    binds: null,
    ...fields,
  }
}

let messages = 0

export function message(fields: Partial<Message> = {}): Message {
  messages += 1
  return {
    id: `msg_${messages}` as MessageId,
    from: 'player',
    text: 'hi',
    ts: NOON,
    author: 'player:76561198000000001',
    authorVersion: null,
    countedAt: null,
    delivery: null,
    epoch: 1,
    step: null,
    error: null,
    reason: null,
    attempt: null,
    steamTs: null,
    ordinal: null,
    retriedAs: null,
    ...fields,
  }
}

export function chat(fields: Partial<Chat> = {}): Chat {
  return {
    id: 'chat_1' as ChatId,
    botId: 'bot_1' as BotId,
    botSteamId64: '76561199000000001' as SteamId64,
    playerSteamId64: '76561198000000001' as SteamId64,
    taskId: 'task_1' as TaskId,
    status: 'open',
    agentEnabled: true,
    agentOff: null,
    epoch: 1,
    owner: null,
    agent: null,
    agentVersion: null,
    messages: [],
    forgotten: null,
    notes: [],
    read: {},
    scriptStep: null,
    turnAt: null,
    startedAt: NOON,
    closedAt: null,
    snooze: null,
    mentions: [],
    ...fields,
  }
}
