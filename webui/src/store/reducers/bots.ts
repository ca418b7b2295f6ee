import type { BotStatus } from '@/contract/enums'
import type { BotId } from '@/contract/ids'
import { BOT_MOVES } from '@/contract/limits'
import type { Bot } from '@/contract/rows'
import { IllegalTransition, knownBot, type ReducersOf } from '@/store/reducers/slice'
import type { Drafts } from '@/store/replica'

export const bots: ReducersOf<`bot.${string}`> = {
  'bot.added': (state, event, { ts }) => {
    if (state.bots.has(event.botId)) throw new IllegalTransition(`bot ${event.botId} is there already`)
    state.bots.put(event.botId, {
      id: event.botId,
      steamId64: event.steamId64,
      proxyUrl: event.proxyUrl,
      label: event.label,
      status: 'disconnected',
      statusSince: ts,
      reason: null,
      detail: null,
      nextStep: null,
      retryAt: null,
      lastSeen: null,
      addedAt: ts,
      assignedSeq: 0,
      invitesBlockedUntil: null,
      messagesHeldUntil: null,
      standing: [],
      tradesHeldUntil: null,
      friendRequests: [],
      friendRequestsMore: 0,
    })
  },

  'bot.removed': (state, event) => {
    knownBot(state, event.botId)
    state.bots.drop(event.botId)
  },

  'bot.connecting': (state, event, { ts }) => moveBot(state, ts, event.botId, 'connecting'),

  'bot.connected': (state, event, { ts }) => moveBot(state, ts, event.botId, 'connected', { lastSeen: ts }),

  'bot.disconnected': (state, event, { ts }) => {
    const bot = knownBot(state, event.botId)
    moveBot(state, ts, event.botId, 'disconnected', {
      reason: event.reason,
      detail: event.detail,
      retryAt: event.retryAt,
      lastSeen: bot.status === 'connected' ? ts : bot.lastSeen,
    })
  },

  'bot.authFailed': (state, event, { ts }) =>
    moveBot(state, ts, event.botId, 'authFailed', {
      reason: event.reason,
      detail: event.detail,
      nextStep: event.nextStep,
    }),

  'bot.invitesBlocked': (state, event) => {
    knownBot(state, event.botId)
    state.bots.update(event.botId, { invitesBlockedUntil: event.until })
  },

  'bot.messagesHeld': (state, event) => {
    knownBot(state, event.botId)
    state.bots.update(event.botId, { messagesHeldUntil: event.until })
  },

  'bot.friendRequestsListed': (state, event, { ts }) => {
    const known = new Map(knownBot(state, event.botId).friendRequests.map((one) => [one.playerSteamId64, one]))
    state.bots.update(event.botId, {
      friendRequests: event.players.map((player) => known.get(player) ?? { playerSteamId64: player, since: ts }),
      friendRequestsMore: event.more,
    })
  },

  'bot.standingChanged': (state, event) => {
    knownBot(state, event.botId)
    state.bots.update(event.botId, { standing: event.standing, tradesHeldUntil: event.tradesHeldUntil ?? null })
  },
}

function moveBot(state: Drafts, ts: number, id: BotId, to: BotStatus, fields: Partial<Bot> = {}): void {
  const bot = knownBot(state, id)
  if (!BOT_MOVES[bot.status].includes(to)) {
    throw new IllegalTransition(`bot ${id} cannot go from ${bot.status} to ${to}`)
  }
  state.bots.update(id, {
    status: to,
    statusSince: to === bot.status ? bot.statusSince : ts,
    reason: null,
    detail: null,
    nextStep: null,
    retryAt: null,
    ...fields,
  })
}
