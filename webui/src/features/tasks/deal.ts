/** What a deal's form needs to know: the price that was said last, and what can still be taken back. */
import type { Message, Task } from '@/contract/rows'
import { isPerson } from '@/session/actor'

const UNDO_MS = 60_000
const LOOKED_AT = 20
const NUMBER = /\d{1,9}(?:[.,]\d{1,2})?/g

/** The number in the latest line of the player's that names one, and only one; undefined where none does. */
export function lastSaidPrice(messages: readonly Message[]): string | undefined {
  for (const { from, text } of messages.slice(-LOOKED_AT).reverse()) {
    if (from !== 'player') continue
    const found = text.slice(0, 500).match(NUMBER)
    if (found?.length === 1) return found[0].replace(',', '.')
  }
  return undefined
}

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
