/** The prices that were named in a talk, as far as its words tell: for a form to begin with, and to say where a deal stands. */
import type { Message, Task } from '@/contract/rows'
import { isAnswer } from '@/store/delivery'

const LOOKED_AT = 20
const LENGTH = 500
const NUMBER = /(?<![\d\p{L}.,:/#]|\p{L}-)\d{1,9}(?:[.,]\d{1,2})?(?![\d%:/]|[.,]\d)/gu
/** What a number is no price after, and before: a float, a level, a count, a time. */
const NOT_BEFORE =
  /(?:^|[^\p{L}])(?:float|fv|level|lvl|rank|wear|paid|bought|флоат|уровень|ур|износ)(?: is| was| of|:| =)?$/iu
/** So much of what stands before a number is looked at. */
const BEFORE = 24
const NOT_AFTER =
  /^\s?(?:x(?!\p{L})|of\b|pcs|pieces|days?\b|hours?\b|h\b|min|sec|weeks?|years?|times|friends|шт|дн|день|дня|дней|час|ч\b|мин|сек|лет|год|раз|друз)/iu
/** A number so many times as large or small as the range's ends is hardly about the item. */
const FAR = 20

type Range = Pick<Task, 'priceMin' | 'priceMax'>

/** The price in the latest line of the player's that names one, and only one; undefined where none does. */
export function lastSaidPrice(messages: readonly Message[], range?: Range): string | undefined {
  for (const { from, text } of messages.slice(-LOOKED_AT).reverse()) {
    const found = from === 'player' ? pricesIn(text, range) : []
    if (found.length === 1) return found[0]
  }
  return undefined
}

/** The prices in the latest line of ours that reached the player and names one, or a range of two. */
export function lastOffered(messages: readonly Message[], range: Range): readonly string[] {
  for (const message of messages.slice(-LOOKED_AT).reverse()) {
    const found = isAnswer(message) ? pricesIn(message.text, range) : []
    if (found.length === 1 || found.length === 2) return found
  }
  return []
}

function pricesIn(text: string, range: Range | undefined): readonly string[] {
  const said = text.slice(0, LENGTH)
  const prices: string[] = []
  for (const { 0: number, index } of said.matchAll(NUMBER)) {
    if (
      NOT_BEFORE.test(said.slice(Math.max(0, index - BEFORE), index).trimEnd()) ||
      NOT_AFTER.test(said.slice(index + number.length))
    )
      continue
    const price = number.replace(',', '.')
    if (range === undefined || isNear(Number(price), range)) prices.push(price)
  }
  return [...new Set(prices)]
}

/** Only to tell a price from another number: no price is counted with. */
function isNear(value: number, { priceMin, priceMax }: Range): boolean {
  return value >= Number(priceMin) / FAR && value <= Number(priceMax) * FAR
}
