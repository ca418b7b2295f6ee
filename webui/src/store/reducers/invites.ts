import { INVITE_REFUSALS, type InviteRefusal, type InviteStatus } from '@/contract/enums'
import type { SteamId64, TaskId } from '@/contract/ids'
import { HOUR, INVITE_MOVES } from '@/contract/limits'
import type { Invite } from '@/contract/rows'
import { playerOrStranger } from '@/store/reducers/players'
import { IllegalTransition, knownBot, knownTask, type ReducersOf } from '@/store/reducers/slice'
import type { Drafts } from '@/store/replica'

const NOT_REFUSED = { retryAt: null, reason: null, detail: null, binds: null }

export const invites: ReducersOf<`friendInvite.${string}` | 'player.inviteAllowed'> = {
  'friendInvite.queued': (state, event, { ts }) => {
    knownTask(state, event.taskId)
    const before = state.invites.get(event.taskId)
    const fresh: Invite = {
      taskId: event.taskId,
      botId: event.botId,
      playerSteamId64: event.playerSteamId64,
      status: 'queued',
      queuedAt: ts,
      requestedAt: null,
      sentAt: null,
      attempts: 0,
      ...NOT_REFUSED,
    }
    if (before?.botId !== event.botId) {
      state.invites.put(event.taskId, fresh)
      return
    }
    let { attempts } = before
    if (before.status === 'requested') {
      if (event.attempted) {
        countAttempt(state, ts, before)
        attempts += 1
      } else {
        uncountRequest(state, before)
      }
    }
    const { retryAt, reason, detail, binds } = before
    state.invites.put(event.taskId, { ...fresh, attempts, retryAt, reason, detail, binds })
  },

  'friendInvite.requested': (state, event, { ts }) => {
    moveInvite(state, event.taskId, 'requested', { requestedAt: ts })
    const recent = state.contacts.get('contact')!.invites.filter((sent) => sent > ts - HOUR)
    state.contacts.update('contact', { invites: [...recent, ts] })
  },

  'friendInvite.refused': (state, event, { ts }) => {
    const invite = state.invites.get(event.taskId)
    if (invite?.status !== 'requested') {
      throw new IllegalTransition(`the invite of ${event.taskId} is not on its way`)
    }
    countAttempt(state, ts, invite)
    moveInvite(state, event.taskId, 'queued', {
      queuedAt: ts,
      requestedAt: null,
      attempts: invite.attempts + 1,
      retryAt: event.retryAt,
      reason: event.reason,
      detail: event.detail,
      binds: event.binds,
    })
  },

  'friendInvite.sent': (state, event, { ts }) => {
    const invite = state.invites.get(event.taskId)
    if (invite === undefined) throw new IllegalTransition(`there is no invite of ${event.taskId}`)
    let { attempts } = invite
    if (invite.status === 'requested') {
      countAttempt(state, ts, invite)
      attempts += 1
    }
    moveInvite(state, event.taskId, 'sent', { sentAt: ts, attempts, ...NOT_REFUSED })
  },

  'friendInvite.accepted': (state, event, { ts }) => {
    knownTask(state, event.taskId)
    endInvite(state, ts, event.taskId)
  },

  'friendInvite.failed': (state, event, { ts }) => {
    endInvite(state, ts, event.taskId)
    const refusal = event.reason as InviteRefusal
    if (INVITE_REFUSALS.includes(refusal)) rememberRefusal(state, ts, event.playerSteamId64, refusal)
  },

  'friendInvite.leftBehind': (state, event, { ts }) => {
    const { steamId64, playerSteamId64 } = event
    // it may reach Steam as late as now
    const account = state.accounts.get(steamId64) ?? { steamId64, lastInviteAt: ts, leftBehind: [] }
    const known = account.leftBehind.some((debt) => debt.playerSteamId64 === playerSteamId64)
    const leftBehind = known ? account.leftBehind : [...account.leftBehind, { playerSteamId64, since: ts }]
    state.accounts.put(steamId64, { ...account, leftBehind })
  },

  'friendInvite.takenBack': (state, event, { ts }) => {
    dropDebt(state, event.steamId64, event.playerSteamId64)
    if (event.refusal !== null) rememberRefusal(state, ts, event.playerSteamId64, event.refusal)
  },

  'player.inviteAllowed': (state, event) => {
    for (const account of event.accounts) dropDebt(state, account, event.playerSteamId64)
    if (state.players.get(event.playerSteamId64)?.inviteRefusal === 'inDoubt') {
      state.players.update(event.playerSteamId64, { inviteRefusal: null, inviteRefusedAt: null })
    }
  },
}

function moveInvite(state: Drafts, taskId: TaskId, to: InviteStatus, fields: Partial<Invite>): void {
  const invite = state.invites.get(taskId)
  if (invite === undefined) throw new IllegalTransition(`there is no invite of ${taskId}`)
  if (!INVITE_MOVES[invite.status].includes(to)) {
    throw new IllegalTransition(`the invite of ${taskId} cannot go from ${invite.status} to ${to}`)
  }
  state.invites.update(taskId, { status: to, ...fields })
}

/** It surely never left: it does not count towards the fleet's hour. */
function uncountRequest(state: Drafts, invite: Invite): void {
  const requested = state.contacts.get('contact')!.invites
  const index = requested.findIndex((ts) => ts === invite.requestedAt)
  if (index >= 0) state.contacts.update('contact', { invites: requested.toSpliced(index, 1) })
}

function endInvite(state: Drafts, ts: number, taskId: TaskId): void {
  const invite = state.invites.get(taskId)
  if (invite?.status === 'requested') countAttempt(state, ts, invite)
  state.invites.drop(taskId)
}

/**
 * Steam may have seen it as late as now, whatever it answered: the account's minute and its place in the fleet's hour
 * start here. The minute is kept by account, so that removing the bot does not shorten it.
 */
function countAttempt(state: Drafts, ts: number, invite: Invite): void {
  const account = knownBot(state, invite.botId).steamId64
  const kept = state.accounts.get(account) ?? { steamId64: account, lastInviteAt: ts, leftBehind: [] }
  state.accounts.put(account, { ...kept, lastInviteAt: ts })
  const task = state.tasks.get(invite.taskId)
  if (task !== undefined) state.tasks.update(invite.taskId, { inviteAttempts: task.inviteAttempts + 1 })
  uncountRequest(state, invite)
  state.contacts.update('contact', { invites: [...state.contacts.get('contact')!.invites, ts] })
}

function dropDebt(state: Drafts, steamId64: SteamId64, player: SteamId64): void {
  const account = state.accounts.get(steamId64)
  if (account === undefined) return
  const leftBehind = account.leftBehind.filter((debt) => debt.playerSteamId64 !== player)
  state.accounts.update(steamId64, { leftBehind })
}

/** What is known for sure is not overwritten by a doubt. */
function rememberRefusal(state: Drafts, ts: number, steamId64: SteamId64, refusal: InviteRefusal): void {
  const player = playerOrStranger(state, steamId64)
  const known = refusal === 'inDoubt' && player.inviteRefusal !== null
  state.players.put(steamId64, known ? player : { ...player, inviteRefusal: refusal, inviteRefusedAt: ts })
}
