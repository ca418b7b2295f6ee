/** Writes numbers in the page's language, whatever the browser's is. */
import { LANGUAGES } from '@/i18n/languages'
import type { Language } from '@/store/slices/workspace'

const formats = new Map<Language, Intl.NumberFormat>()

/** `12,345.6` or `12 345,6` */
export function inDigits(value: number | bigint, language: Language): string {
  let made = formats.get(language)
  if (made === undefined) {
    made = new Intl.NumberFormat(LANGUAGES[language].locale)
    formats.set(language, made)
  }
  return made.format(value)
}

/** A price, digit by digit and never as a number: `10,340.60` or `10 340,60`; `short` drops the cents from 1,000 on. */
export function inMoney(price: string, language: Language, { short = false } = {}): string {
  const sign = price.startsWith('-') ? '-' : ''
  const [whole = '', places = ''] = price.slice(sign.length).split('.', 2)
  const digits = `${sign}${inDigits(BigInt(whole), language)}`
  const point = inDigits(0.5, language).charAt(1)
  return short && whole.length > 3 ? digits : `${digits}${point}${places.padEnd(2, '0')}`
}

/** A share of a whole, in full per cent; nothing of nothing is no share. */
export function inPercent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.round((part / whole) * 100)} %`
}
