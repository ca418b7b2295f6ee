import { expect, test } from 'vitest'

import { dayIn, daysOf, isDay, shifted, spanOf } from '@/history/days'

test.for([
  ['2026-11-30T23:30:00Z', 'UTC', '2026-11-30'],
  ['2026-11-30T23:30:00Z', 'Europe/Moscow', '2026-12-01'],
  ['2026-11-30T02:00:00Z', 'America/New_York', '2026-11-29'],
  ['2026-03-29T00:59:00Z', 'Europe/Berlin', '2026-03-29'],
  ['2026-11-30T23:30:00Z', 'No/Such_Zone', '2026-11-30'],
] as const)('%s is in %s the day %s', ([moment, zone, day]) => {
  expect(dayIn(Date.parse(moment), zone)).toBe(day)
})

test.for([
  ['today', '2026-11-30', '2026-11-30', '2026-11-30'],
  ['week', '2026-03-02', '2026-02-24', '2026-03-02'],
  ['week', '2028-03-02', '2028-02-25', '2028-03-02'],
  ['weeks', '2026-01-10', '2025-12-14', '2026-01-10'],
  ['month', '2026-03-17', '2026-03-01', '2026-03-17'],
] as const)('%s up to %s begins on %s', ([span, today, first, last]) => {
  expect(daysOf(span, today)).toEqual({ first, last })
  expect(spanOf({ first, last }, today)).toBe(span)
})

test('a range of any other days has no name, and neither has the last one once a day has gone by', () => {
  expect(spanOf({ first: '2026-11-01', last: '2026-11-03' }, '2026-11-30')).toBeUndefined()
  expect(spanOf(daysOf('week', '2026-11-29'), '2026-11-30')).toBeUndefined()
})

test('what is no day is not taken for one', () => {
  expect(['2026-11-30', '2028-02-29'].every(isDay)).toBe(true)
  expect(['2026-02-29', '2026-11-31', '2026-1-1', '', 'today', '26-11-30', null, undefined].some(isDay)).toBe(false)
})

test('days are counted over months, years and hours that are set', () => {
  expect(shifted('2026-12-31', 1)).toBe('2027-01-01')
  expect(shifted('2026-03-29', -28)).toBe('2026-03-01')
})
