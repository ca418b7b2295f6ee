import { expect, test } from 'vitest'

import type { Count, Funnel } from '@/contract/history'
import { growth } from '@/features/reports/FunnelPart'
import { funnelStages, stillToTrade } from '@/features/reports/funnel'
import { shortItem } from '@/features/reports/PriceRanges'
import { whole } from '@/features/reports/ReportBar'
import { reportAddress, reportQuery, reportUrl, rowsAddress } from '@/features/reports/reportQuery'
import { handoverName, lasting, reasonName, whoName } from '@/features/reports/words'
import { inMoney, inPercent } from '@/i18n/numbers'
import { LANGUAGES } from '@/i18n/languages'
import { openedAt } from '@/store/addresses'
import { initialWorkspace } from '@/store/slices/workspace'

const en = LANGUAGES.en.texts
const count = (n: number, rows = '/api/history/tasks'): Count => ({ n, rows })
const read = (address: string) => reportQuery(new URLSearchParams(openedAt(initialWorkspace, address).report))
const FUNNEL: Funnel = {
  created: count(10),
  invited: count(8),
  accepted: count(6),
  already: count(1),
  talked: count(5),
  agreed: count(4, '/api/history/tasks?stage=agreed&createdSince=5'),
  traded: count(2),
  settled: count(1),
  reversed: count(0),
  fellThrough: count(1),
  open: count(2),
}

test('a report’s address says what it is asked about, and a link to rows comes back to it', () => {
  const query = {
    ...reportQuery(new URLSearchParams()),
    days: { first: '2026-11-23', last: '2026-11-29' },
    filters: { item: '★ Karambit | Doppler & co', agent: 'agent:scripted_agent' },
  }
  const rows = '/api/history/tasks?item=AK-47+%7C+Redline+%28Field-Tested%29&reason=&status=failed'
  const found = read(rowsAddress(query, count(3, rows), 'Why, exactly? 100 %'))

  expect(found).toEqual({ ...query, rows: rows.replace('/api/history/', ''), of: 'Why, exactly? 100 %' })
  expect(read(reportAddress(found))).toEqual(query)
  expect(reportUrl(query, '2026-11-30')).toContain('firstDay=2026-11-23&lastDay=2026-11-29&item=')
})

test.for([
  'firstDay=2026-11-31&lastDay=2026-12-01',
  'firstDay=2026-11-29&lastDay=2026-11-28',
  'lastDay=2026-11-28',
  '',
])('days that make no sense are the last seven: %s', (asked) => {
  const query = reportQuery(new URLSearchParams(asked))

  expect(query.days).toBeUndefined()
  expect(reportUrl(query, '2026-11-30')).toBe('/api/history/report?firstDay=2026-11-24&lastDay=2026-11-30')
})

test('an address asks for rows of the past alone', () => {
  for (const rows of ['audit', '../command', 'https://elsewhere.example/tasks', 'tasksx', 'report?table=items'])
    expect(reportQuery(new URLSearchParams({ rows })).rows).toBeUndefined()
})

test('each stage is a part of the one before, and what is neither traded nor fallen through is still to be traded', () => {
  expect(funnelStages(FUNNEL).map(({ name, count, before }) => [name, count.n, before?.n])).toEqual([
    ['created', 10, undefined],
    ['invited', 8, 10],
    ['accepted', 6, 8],
    ['talked', 5, 6],
    ['agreed', 4, 5],
    ['traded', 2, 4],
  ])
  expect(stillToTrade(FUNNEL)).toEqual({ n: 1, rows: '/api/history/tasks?stage=toTrade&createdSince=5' })
})

test('prices keep every digit, and drop their cents only where they are asked to', () => {
  expect(inMoney('10340.60', 'en')).toBe('10,340.60')
  expect(inMoney('10340.6', 'ru').replace(/\s/g, ' ')).toBe('10 340,60')
  expect(inMoney('0.00000001', 'en')).toBe('0.00000001')
  expect(inMoney('900719925474099312.5', 'en')).toBe('900,719,925,474,099,312.50')
  expect(inMoney('999.99', 'en', { short: true })).toBe('999.99')
  expect(inMoney('1640.00', 'en', { short: true })).toBe('1,640')
  expect(inMoney('-12.5', 'en')).toBe('-12.50')
})

test('nothing of nothing is no share, and nothing to compare with no growth', () => {
  expect([inPercent(0, 0), inPercent(1, 3), growth(5, 0), growth(5, 4), growth(3, 4), growth(4, 4)]).toEqual([
    '–',
    '33 %',
    '',
    '+25 %',
    '−25 %',
    '±0 %',
  ])
})

test.for([
  ['AK-47 | Redline (Field-Tested)', 'Redline FT'],
  ['★ Karambit | Doppler (Factory New)', 'Doppler FN'],
  ['Dragonclaw Hook', 'Dragonclaw Hook'],
  ['Sticker | Titan (Holo) | Katowice 2014', 'Titan (Holo) | Katowice 2014'],
  ['Ключ от кейса «Клатч» ×20', 'Ключ от кейса «Клатч» ×20'],
  ['★ Bayonet (Battle-Scarred)', '★ Bayonet BS'],
] as const)('%s is %s where there is little room', ([item, short]) => {
  expect(shortItem(item)).toBe(short)
})

test('what is typed as a name is asked for as an actor, and an actor as it is', () => {
  expect(whole({ agent: ' scripted_agent ', operator: 'notebook:pricing', item: 'Redline', botId: '' })).toEqual({
    agent: 'agent:scripted_agent',
    operator: 'notebook:pricing',
    item: 'Redline',
  })
})

test('each reason, actor and span has words, the unknown ones their own', () => {
  expect(reasonName(null, en)).toBe('No reason given')
  expect(reasonName('itemSold', en)).toBe('Item sold to somebody else')
  expect(reasonName('somethingNew', en)).toBe('somethingNew')
  expect(reasonName('constructor', en)).toBe('constructor')
  expect(handoverName('playerAsked', en)).toBe('The player wants to talk with a person')
  expect([whoName('', en), whoName('player', en), whoName('operator:anna', en)]).toEqual([
    'Nobody',
    'All players',
    'anna',
  ])
  expect([lasting(null, en), lasting(400, en), lasting(90_000, en)]).toEqual(['–', 'under 1 s', '1 min 30 s'])
})
