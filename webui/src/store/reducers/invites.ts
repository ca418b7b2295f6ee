import { INVITE_REFUSALS, type InviteRefusal } from '@/contract/enums'
import type { BotId, TaskId } from '@/contract/ids'
import { HOUR } from '@/contract/limits'
import type { Drafts } from '@/store/replica'
import { playerOrStranger } from '@/store/reducers/players'
import { IllegalTransition, knownBot, knownTask, type ReducersOf } from '@/store/reducers/slice'

export const invites: ReducersOf<`friendInvite.${string}`> = {
  'friendInvite.queued': (state, event, { ts }) => {
    knownTask(state, event.taskId)
    uncountRequest(state, event.taskId)
    state.invites.put(event.taskId, {
      taskId: event.taskId,
      botId: event.botId,
      playerSteamId64: event.playerSteamId64,
      status: 'queued',
      queuedAt: ts,
      requestedAt: null,
      sentAt: null,
    })
  },

  'friendInvite.requested': (state, event, { ts }) => {
    if (state.invites.get(event.taskId)?.status !== 'queued') {
      throw new IllegalTransition(`the invite of ${event.taskId} is not in the queue`)
    }
    state.invites.update(event.taskId, { status: 'requested', requestedAt: ts })
    const recent = state.contacts.get('contact')!.invites.filter((sent) => sent > ts - HOUR)
    state.contacts.update('contact', { invites: [...recent, ts] })
  },

  'friendInvite.sent': (state, event, { ts }) => {
    if (!state.invites.has(event.taskId)) throw new IllegalTransition(`there is no invite of ${event.taskId}`)
    state.invites.update(event.taskId, { status: 'sent', sentAt: ts })
    countInvite(state, ts, event.botId)
  },

  'friendInvite.accepted': (state, event, { ts }) => {
    knownTask(state, event.taskId)
    endInvite(state, ts, event.taskId, event.botId)
  },

  'friendInvite.failed': (state, event, { ts }) => {
    endInvite(state, ts, event.taskId, event.botId)
    const refusal = event.reason as InviteRefusal
    if (INVITE_REFUSALS.includes(refusal)) {
      state.players.put(event.playerSteamId64, {
        ...playerOrStranger(state, event.playerSteamId64),
        inviteRefusal: refusal,
        inviteRefusedAt: ts,
      })
    }
  },
}

/** Back in the queue, the invite surely never left: it does not count towards the fleet's hour. */
function uncountRequest(state: Drafts, taskId: TaskId): void {
  const invite = state.invites.get(taskId)
  if (invite?.status !== 'requested') return
  const requested = state.contacts.get('contact')!.invites
  const index = requested.findIndex((ts) => ts === invite.requestedAt)
  if (index >= 0) state.contacts.update('contact', { invites: requested.toSpliced(index, 1) })
}

function endInvite(state: Drafts, ts: number, taskId: TaskId, botId: BotId): void {
  // Steam may have seen a requested one as late as now, whatever it answered: the bot's minute starts here.
  if (state.invites.get(taskId)?.status === 'requested') countInvite(state, ts, botId)
  state.invites.drop(taskId)
}

/** Start the bot's minute anew. It is kept by account, so that removing the bot does not shorten it. */
function countInvite(state: Drafts, ts: number, botId: BotId): void {
  const account = knownBot(state, botId).steamId64
  state.accounts.put(account, { steamId64: account, lastInviteAt: ts })
}
