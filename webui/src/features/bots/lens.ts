import type { BotStatus } from '@/contract/enums'
import type { Bot } from '@/contract/rows'
import { botName } from '@/explain/explain'
import type { Lens } from '@/lists/view'
import { patterns } from '@/lists/words'

/** Those that need a person first. */
export const BOT_GROUPS: readonly BotStatus[] = ['authFailed', 'connecting', 'connected', 'disconnected']

export function botLens(search: string): Lens<Bot> {
  const words = patterns(search)
  return {
    groups: BOT_GROUPS,
    groupOf: (bot) => (words.every((word) => says(bot, word)) ? bot.status : undefined),
    compare: (a, b) => collator.compare(botName(a), botName(b)),
    keyOf: (bot) => bot.id,
  }
}

const collator = new Intl.Collator(undefined, { numeric: true })

function says(bot: Bot, word: RegExp): boolean {
  return [bot.label ?? '', bot.steamId64, bot.proxyUrl, bot.id].some((text) => word.test(text))
}
