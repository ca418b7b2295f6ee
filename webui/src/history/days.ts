/** Days as the archive counts them: whole days of the house's time zone, written `2026-11-23`. */

const DAY_MS = 86_400_000

export interface Days {
  readonly first: string
  readonly last: string
}

/** The ranges that have a name. `month` is the calendar month up to today. */
export const SPANS = ['today', 'week', 'weeks', 'month'] as const
export type Span = (typeof SPANS)[number]

const formats = new Map<string, Intl.DateTimeFormat>()

/** The day of a moment in that zone; in UTC where the browser does not know the zone. */
export function dayIn(ts: number, zone: string): string {
  let format = formats.get(zone)
  if (format === undefined) {
    format = formatOf(zone)
    formats.set(zone, format)
  }
  const parts = Object.fromEntries(format.formatToParts(ts).map(({ type, value }) => [type, value]))
  return `${parts['year']!.padStart(4, '0')}-${parts['month']!}-${parts['day']!}`
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const options = { year: 'numeric', month: '2-digit', day: '2-digit', calendar: 'iso8601' } as const
  try {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: zone })
  } catch {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' })
  }
}

/** So many days after that one, or before it. */
export function shifted(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

export function daysOf(span: Span, today: string): Days {
  switch (span) {
    case 'today':
      return { first: today, last: today }
    case 'week':
      return { first: shifted(today, -6), last: today }
    case 'weeks':
      return { first: shifted(today, -27), last: today }
    case 'month':
      return { first: `${today.slice(0, 7)}-01`, last: today }
  }
}

/** The name of a range, if it has one; today's, before the week's, on the first of a month. */
export function spanOf({ first, last }: Days, today: string): Span | undefined {
  return SPANS.find((span) => {
    const days = daysOf(span, today)
    return days.first === first && days.last === last
  })
}

/** Is that a day, as somebody may have typed it into an address? */
export function isDay(text: string | null | undefined): text is string {
  if (text == null || !/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const ts = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ts) && new Date(ts).toISOString().startsWith(text)
}
