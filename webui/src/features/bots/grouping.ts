import type { BotStatus } from '@/contract/enums'
import type { Bot } from '@/contract/rows'
import { botName } from '@/explain/explain'
import { type Grouping, naturalSortKey } from '@/lists/groups'
import { searchPatterns } from '@/lists/searchPatterns'

/** Those that need a person first. */
export const BOT_GROUPS: readonly BotStatus[] = ['authFailed', 'connecting', 'connected', 'disconnected']

export const BOT_GROUPING: Grouping<Bot> = {
  groups: BOT_GROUPS,
  groupOf: (bot) => bot.status,
  orderOf: (bot) => naturalSortKey(botName(bot)),
  keyOf: (bot) => bot.id,
}

/** The filter of a search: matches bots that contain all its words; undefined when it is empty. */
export function botMatcher(search: string): ((bot: Bot) => boolean) | undefined {
  const words = searchPatterns(search)
  return words.length === 0 ? undefined : (bot) => words.every((word) => says(bot, word))
}

function says(bot: Bot, word: RegExp): boolean {
  return [bot.label ?? '', bot.steamId64, bot.proxyUrl, bot.id].some((text) => word.test(text))
}
