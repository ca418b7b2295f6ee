import { expect, test } from 'vitest'

import { linkedParts } from '@/explain/links'

const links = (text: string) => linkedParts(text).flatMap((part) => ('text' in part ? [] : [part]))

test.for<[string, string, boolean]>([
  ['https://steamcommunity.com/tradeoffer/1', 'steamcommunity.com', true],
  ['HTTPS://SteamCommunity.COM/id/x', 'steamcommunity.com', true],
  ['http://www.steamcommunity.com', 'www.steamcommunity.com', true],
  ['steamcommunity.com/profiles/76561198000000001', 'steamcommunity.com', true],
  ['https://steamcommunity.com:443/x', 'steamcommunity.com', true],
  ['https://steamcommunity.com\\@evil.example/x', 'steamcommunity.com', true],
  ['https://steamcommunity.com./x', 'steamcommunity.com.', false],
  ['https://steamcommunity.com@evil.example/x', 'evil.example', false],
  ['https://user:word@steamcommunity.com/x', 'steamcommunity.com', false],
  ['https://steamcommunity.com:8443/x', 'steamcommunity.com:8443', false],
  ['https://steamcommunity.com.evil.example/x', 'steamcommunity.com.evil.example', false],
  ['https://steamcommunlty.com/x', 'steamcommunlty.com', false],
  ['https://steamc\u043emmunity.com/x', 'xn--steamcmmunity-bwk.com', false],
  ['https://evil.example/steamcommunity.com/x', 'evil.example', false],
  ['https://evil.example?https://steamcommunity.com', 'evil.example', false],
  ['https://127.1/x', '127.0.0.1', false],
  ['https://0x7f000001/x', '127.0.0.1', false],
  ['https://[::1]/x', '[::1]', false],
  ['www.evil.example', 'www.evil.example', false],
])('%s leads to %s, which is Steam: %s', ([text, domain, steam]) => {
  const found = links(`look: ${text}, please`)
  if (domain.startsWith('xn--')) expect(found[0]!.domain).toMatch(/^xn--/)
  else expect(found.map((link) => link.domain)).toEqual([domain])
  expect(found.map((link) => link.steam)).toEqual([steam])
  expect(new URL(found[0]!.href).protocol).toMatch(/^https?:$/)
})

test.for([
  'javascript:alert(1)',
  'data:text/html,https',
  'ftp://steamcommunity.com/x',
  'notsteamcommunity.com/x',
  'a@steamcommunity.com/x',
  'javascript://steamcommunity.com/%0aalert(1)',
  'https://',
  'https:// steamcommunity.com',
  'http://[broken',
])('%s is no link', (text) => {
  expect(links(text)).toEqual([])
})

test('nothing that was said is lost around a link, and a mark of direction ends it', () => {
  const said = 'so (https://steamcommunity.com/id/a). \u202eand https://evil.example/\u202egpj.exe!'
  const parts = linkedParts(said)
  expect(parts.map((part) => ('text' in part ? part.text : part.href))).toEqual([
    'so (',
    'https://steamcommunity.com/id/a',
    '). \u202eand ',
    'https://evil.example/',
    '\u202egpj.exe!',
  ])
  expect(linkedParts('')).toEqual([])
  expect(links(`https://steamcommunity.com/${'x'.repeat(100)}end123`)[0]!.tail).toBe('/…end123')
})
