import { expect, test } from 'vitest'

import type { SteamId64 } from '@/contract/ids'
import type { Persona, Player } from '@/contract/rows'
import { playerActivity, playerLabel, playerName } from '@/explain/player'
import { texts as en } from '@/i18n/en/texts'
import { texts as ru } from '@/i18n/ru/texts'
import { Table } from '@/store/table'
import { hue } from '@/ui/hue'

const PLAYER = '76561198000000001' as SteamId64
const NOBODY: Persona = { name: null, avatar: null, state: null, gameId: null, game: null }

function players(persona: Persona | null): Table<Player> {
  const known = { doNotContact: null, inviteRefusal: null, inviteRefusedAt: null, clearedAt: null, clearedAmong: [] }
  const draft = Table.empty<Player>().edit()
  draft.put(PLAYER, { steamId64: PLAYER, ...known, persona })
  return draft.commit()
}

test('a player is called by their name, and by the SteamID where Steam has told none', () => {
  const named = players({ ...NOBODY, name: 'مرحبا' })
  expect(playerName(PLAYER, named)).toBe('مرحبا')
  expect(playerLabel(PLAYER, named)).toBe(`\u2068مرحبا\u2069 (${PLAYER})`)
  for (const unnamed of [players(null), players(NOBODY), Table.empty<Player>()]) {
    expect(playerName(PLAYER, unnamed)).toBe(PLAYER)
    expect(playerLabel(PLAYER, unnamed)).toBe(PLAYER)
  }
})

test('what they do is their game, else their state, in both languages', () => {
  expect(playerActivity({ ...NOBODY, state: 'away', gameId: 730, game: 'CS' }, en)).toBe('In game: \u2068CS\u2069')
  expect(playerActivity({ ...NOBODY, state: 'online', gameId: 730 }, ru)).toBe('В игре (приложение 730)')
  expect(playerActivity({ ...NOBODY, state: 'lookingToTrade' }, ru)).toBe('Хочет обменяться')
  expect(playerActivity(NOBODY, en)).toBeUndefined()
  expect(playerActivity(null, en)).toBeUndefined()
})

test('the colour of a picture is the same for the same hash', () => {
  expect(hue('fe'.repeat(20))).toBe(hue('fe'.repeat(20)))
  expect(new Set(Array.from({ length: 40 }, (_, n) => hue(`${n}`))).size).toBeGreaterThan(3)
})
