/** What a deal's form needs to know: whether a price is outside the range, and what can still be taken back. */
import type { Task } from '@/contract/rows'
import { isPerson } from '@/session/actor'

const UNDO_MS = 60_000

/** Whether that price is outside the task's range. Compared as decimals are written, so no digit is lost. */
export function isOutside(price: string, { priceMin, priceMax }: Pick<Task, 'priceMin' | 'priceMax'>): boolean {
  if (!/^\d{1,9}(?:\.\d{1,8})?$/.test(price)) return false
  const value = scaled(price)
  return value < scaled(priceMin) || value > scaled(priceMax)
}

/** In 10⁻⁸, exact. */
function scaled(price: string): bigint {
  const [whole = '0', rest = ''] = price.split('.')
  return BigInt(whole) * 100_000_000n + BigInt(rest.padEnd(8, '0').slice(0, 8) || '0')
}

/** What was recorded last by hand, less than a minute ago. */
export function mayUndo({ byHand, deal, statusSince }: Task, now: number): boolean {
  if (deal === null) return byHand && now - statusSince < UNDO_MS
  return isPerson(deal.by) && now - deal.since < UNDO_MS
}
