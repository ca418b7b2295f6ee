import { expect, test } from 'vitest'

import { playerFault, steamIdIn } from '@/features/tasks/steamId'

const ID = '76561198006409530' // number 46143802, which is 2 * 23071901

test.for([
  ID,
  `  ${ID} `,
  `id: ${ID}`,
  `${ID}, again ${ID}`,
  'STEAM_0:0:23071901',
  'steam_1:0:23071901',
  '[U:1:46143802]',
  'U:1:46143802',
  '[u:1:46143802:1]',
  `https://steamcommunity.com/profiles/${ID}`,
  `HTTP://www.SteamCommunity.com/profiles/${ID}/inventory/?l=russian#730`,
  `steamcommunity.com/profiles/${ID}`,
  'https://steamcommunity.com/profiles/[U:1:46143802]',
  'https://steamcommunity.com/profiles/%5BU:1:46143802%5D',
  'https://steamcommunity.com/tradeoffer/new/?partner=46143802&token=AbCdEfGh',
  'steamcommunity.com/tradeoffer/new/?token=AbCdEfGh&partner=46143802',
  `his profile: https://steamcommunity.com/profiles/${ID}.`,
])('%s is the player', (text) => {
  expect([steamIdIn(text), playerFault(text)]).toEqual([ID, undefined])
})

test.for<[string, string]>([
  ['gaben', 'unknown'],
  ['https://steamcommunity.com/id/gabelogannewell', 'vanity'],
  ['steamcommunity.com/id/76561198006409530', 'vanity'],
  ['https://steamcommunity.com/groups/Valve', 'group'],
  ['103582791429521412', 'group'],
  ['[g:1:4]', 'group'],
  [`https://steamcommunlty.com/profiles/${ID}`, 'notSteam'],
  [`https://steamcommunity.com@evil.example/profiles/${ID}`, 'notSteam'],
  [`${ID} 76561198006409531`, 'several'],
  ['76561197960265728', 'unknown'],
  ['76561202255233024', 'unknown'],
  ['7656119800640953', 'unknown'],
  ['STEAM_0:2:23071901', 'unknown'],
  ['[U:1:0]', 'unknown'],
  ['[U:1:4294967296]', 'unknown'],
  ['https://steamcommunity.com/tradeoffer/new/?partner=-1', 'unknown'],
  ['https://steamcommunity.com/tradeoffer/6123456789/', 'unknown'],
  ['https://steamcommunity.com/market', 'unknown'],
  ['https://steamcommunity.com/profiles/%E0%A4%A', 'unknown'],
])('%s is none, since: %s', ([text, fault]) => {
  expect([steamIdIn(text), playerFault(text)]).toEqual([text, fault])
})

test('nothing pasted is no fault yet', () => expect(playerFault('  ')).toBeUndefined())
