import { expect, test } from 'vitest'

import type { SteamId64 } from '@/contract/ids'
import type { Account, Player } from '@/contract/rows'
import { invitesLeftWith, mayAllowInvite } from '@/explain/inviteDoubt'
import { Table } from '@/store/table'

import { NOON } from '../rows'

const PLAYER = '76561198000000001' as SteamId64
const OTHER = '76561198000000002' as SteamId64
const ACCOUNT = '76561199000000001' as SteamId64

function table<R extends { readonly steamId64: SteamId64 }>(...rows: R[]): Table<R> {
  const draft = Table.empty<R>().edit()
  for (const row of rows) draft.put(row.steamId64, row)
  return draft.commit()
}

const owing = table<Account>({
  steamId64: ACCOUNT,
  lastInviteAt: NOON,
  leftBehind: [
    { playerSteamId64: OTHER, since: NOON },
    { playerSteamId64: PLAYER, since: NOON + 1 },
  ],
})
const refused = (inviteRefusal: Player['inviteRefusal']) =>
  table<Player>({
    steamId64: PLAYER,
    doNotContact: null,
    inviteRefusal,
    inviteRefusedAt: NOON,
    clearedAt: null,
    clearedAmong: [],
    persona: null,
  })
const nothing = table<Account>()

test('what a removed account has left with a player is told of that player alone', () => {
  expect(invitesLeftWith(PLAYER, owing)).toEqual([{ account: ACCOUNT, playerSteamId64: PLAYER, since: NOON + 1 }])
  expect(invitesLeftWith('76561198000000003' as SteamId64, owing)).toEqual([])
})

test('a person may allow what is in doubt and what was left behind, and never what the player has refused', () => {
  expect(mayAllowInvite(PLAYER, { players: refused(null), accounts: nothing })).toBe(false)
  expect(mayAllowInvite(PLAYER, { players: refused('inDoubt'), accounts: nothing })).toBe(true)
  expect(mayAllowInvite(PLAYER, { players: table<Player>(), accounts: owing })).toBe(true)
  for (const known of ['declined', 'lapsed'] as const) {
    expect(mayAllowInvite(PLAYER, { players: refused(known), accounts: owing })).toBe(false)
  }
})
