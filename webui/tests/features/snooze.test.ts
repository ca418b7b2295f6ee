import { expect, test } from 'vitest'

import { SNOOZES, snoozeUntil } from '@/features/multichat/snoozeTimes'

const at = (day: number, hour: number) => new Date(2026, 0, day, hour).getTime()

test.each([
  [at(5, 10), [at(5, 11), at(5, 13), at(5, 18), at(6, 9), at(12, 9), null]],
  [at(5, 19), [at(5, 20), at(5, 22), at(6, 18), at(6, 9), at(12, 9), null]],
])('of %i the choices are to come, each at its hour', (now, times) => {
  expect(SNOOZES.map((choice) => snoozeUntil(choice, now))).toEqual(times)
})
