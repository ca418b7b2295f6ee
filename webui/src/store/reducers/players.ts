import type { SteamId64 } from '@/contract/ids'
import type { Player } from '@/contract/rows'
import { replaceInTexts } from '@/store/reducers/mentions'
import { IllegalTransition, type ReducersOf } from '@/store/reducers/slice'
import type { Drafts } from '@/store/replica'

/** What is remembered of the player, or the row of somebody of whom nothing is. */
export function playerOrStranger(state: Drafts, steamId64: SteamId64): Player {
  const stranger = {
    doNotContact: null,
    inviteRefusal: null,
    inviteRefusedAt: null,
    clearedAt: null,
    clearedAmong: [],
    persona: null,
  }
  return state.players.get(steamId64) ?? { steamId64, ...stranger }
}

export const players: ReducersOf<
  `doNotContact.${string}` | 'player.archived' | 'player.forgotten' | 'player.personaChanged'
> = {
  'doNotContact.added': (state, event, { ts, actor }) =>
    state.players.put(event.playerSteamId64, {
      ...playerOrStranger(state, event.playerSteamId64),
      doNotContact: { since: ts, reason: event.reason, by: actor },
    }),

  'doNotContact.removed': (state, event, { ts }) => {
    state.players.put(event.playerSteamId64, {
      ...playerOrStranger(state, event.playerSteamId64),
      doNotContact: null,
      clearedAt: ts,
      clearedAmong: event.friends,
    })
  },

  'player.archived': (state, event) => {
    for (const id of event.players) {
      if (!state.players.has(id)) throw new IllegalTransition(`there is no row of player ${id}`)
      state.players.drop(id)
    }
  },

  'player.forgotten': (state, event) => {
    const id = event.playerSteamId64
    if (state.players.has(id)) throw new IllegalTransition(`player ${id} has a row in the state`)
    for (const [, bot] of state.bots.entries())
      if (bot.friendRequests.some((one) => one.playerSteamId64 === id))
        state.bots.update(bot.id, { friendRequests: bot.friendRequests.filter((one) => one.playerSteamId64 !== id) })
    for (const [, account] of state.accounts.entries())
      if (account.leftBehind.some((one) => one.playerSteamId64 === id))
        state.accounts.update(account.steamId64, {
          leftBehind: account.leftBehind.filter((one) => one.playerSteamId64 !== id),
        })
    if (id !== event.pseudonym) replaceInTexts(state, id, event.pseudonym)
  },

  'player.personaChanged': (state, event) =>
    state.players.put(event.playerSteamId64, {
      ...playerOrStranger(state, event.playerSteamId64),
      persona: event.persona,
    }),
}
