/** Formats times and durations. All times are UTC milliseconds, shown in the operator's own time zone. */
import type { Texts } from '@/i18n/en/texts'
import { LANGUAGES } from '@/i18n/languages'
import type { Language } from '@/store/slices/workspace'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const formats = new Map<string, Intl.DateTimeFormat>()

function format(language: Language, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language}:${name}`
  let made = formats.get(key)
  if (made === undefined) {
    made = new Intl.DateTimeFormat(LANGUAGES[language].locale, options)
    formats.set(key, made)
  }
  return made
}

/** `14:05` */
export function clockTime(ts: number, language: Language): string {
  return format(language, 'time', { hour: '2-digit', minute: '2-digit' }).format(ts)
}

/** `14:05` today, `12 Nov, 14:05` on another day. */
export function moment(ts: number, now: number, language: Language): string {
  if (new Date(ts).toDateString() === new Date(now).toDateString()) return clockTime(ts, language)
  const options = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const
  return format(language, 'moment', options).format(ts)
}

/** Date and time in full, for a tooltip. */
export function exact(ts: number, language: Language): string {
  return format(language, 'exact', { dateStyle: 'medium', timeStyle: 'medium' }).format(ts)
}

export function day(ts: number, now: number, texts: Texts, language: Language): string {
  const date = new Date(ts).toDateString()
  if (date === new Date(now).toDateString()) return texts.chat.today
  if (date === new Date(now - DAY).toDateString()) return texts.chat.yesterday
  return format(language, 'day', { weekday: 'short', day: 'numeric', month: 'long' }).format(ts)
}

/** `just now`, `5 min`, `3 h`, `12 d` */
export function span(ms: number, texts: Texts): string {
  if (ms < MINUTE) return texts.ago.now
  if (ms < HOUR) return texts.ago.minutes(Math.floor(ms / MINUTE))
  if (ms < DAY) return texts.ago.hours(Math.floor(ms / HOUR))
  return texts.ago.days(Math.floor(ms / DAY))
}

/** The same to the second, as far as two units tell it: `40 s`, `1 h 5 min`. */
export function precise(ms: number, texts: Texts): string {
  const units = [
    [DAY, texts.ago.days],
    [HOUR, texts.ago.hours],
    [MINUTE, texts.ago.minutes],
    [SECOND, texts.ago.seconds],
  ] as const
  let rest = ms
  const words: string[] = []
  for (const [unit, say] of units) {
    const number = Math.floor(rest / unit)
    rest -= number * unit
    if (number > 0) words.push(say(number))
  }
  return words.slice(0, 2).join(' ') || texts.ago.seconds(0)
}

export function ago(ts: number, now: number, texts: Texts): string {
  const past = Math.max(0, now - ts)
  return past < MINUTE ? texts.ago.now : texts.ago.ago(span(past, texts))
}

/** `23 Nov` of a day such as `2026-11-23`; with the year where that is not `year`. */
export function dayOfMonth(day: string, language: Language, year = ''): string {
  const withYear = day.slice(0, 4) !== year
  const options = {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
    ...(withYear && { year: 'numeric' as const }),
  } as const
  return format(language, withYear ? 'dayOfYear' : 'dayOfMonth', options).format(Date.parse(`${day}T12:00:00Z`))
}
