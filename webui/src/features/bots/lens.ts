import type { BotStatus } from '@/contract/enums'
import type { Bot } from '@/contract/rows'
import { botName } from '@/explain/explain'
import type { Lens } from '@/lists/view'

/** Those that need a person first. */
export const BOT_GROUPS: readonly BotStatus[] = ['authFailed', 'connecting', 'connected', 'disconnected']

export function botLens(search: string): Lens<Bot> {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return {
    groups: BOT_GROUPS,
    groupOf: (bot) => (words.every((word) => says(bot, word)) ? bot.status : undefined),
    compare: (a, b) => collator.compare(botName(a), botName(b)),
    keyOf: (bot) => bot.id,
  }
}

const collator = new Intl.Collator(undefined, { numeric: true })

function says(bot: Bot, word: string): boolean {
  return (
    bot.steamId64.includes(word) ||
    bot.id.includes(word) ||
    bot.proxyUrl.toLowerCase().includes(word) ||
    (bot.label?.toLowerCase().includes(word) ?? false)
  )
}
