/** The times that a chat is put off to by one choice, by the clock of whoever chooses. */

export const SNOOZES = ['hour', 'threeHours', 'evening', 'tomorrow', 'week', 'player'] as const
export type SnoozeChoice = (typeof SNOOZES)[number]

const HOUR = 3_600_000

/** UTC milliseconds; null: until the player writes. An evening that is over is the next one. */
export function snoozeUntil(choice: SnoozeChoice, now: number): number | null {
  switch (choice) {
    case 'hour':
      return now + HOUR
    case 'threeHours':
      return now + 3 * HOUR
    case 'evening':
      return atHour(now, 0, 18) > now ? atHour(now, 0, 18) : atHour(now, 1, 18)
    case 'tomorrow':
      return atHour(now, 1, 9)
    case 'week':
      return atHour(now, 7, 9)
    case 'player':
      return null
  }
}

/** That hour of the day so many days on, in local time: a day is not always of 24 hours. */
function atHour(now: number, days: number, hour: number): number {
  const date = new Date(now)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, hour).getTime()
}
