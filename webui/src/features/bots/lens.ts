import type { BotStatus } from '@/contract/enums'
import type { Bot } from '@/contract/rows'
import { botName } from '@/explain/explain'
import { type Lens, natural } from '@/lists/groups'
import { patterns } from '@/lists/words'

/** Those that need a person first. */
export const BOT_GROUPS: readonly BotStatus[] = ['authFailed', 'connecting', 'connected', 'disconnected']

export const BOTS: Lens<Bot> = {
  groups: BOT_GROUPS,
  groupOf: (bot) => bot.status,
  orderOf: (bot) => natural(botName(bot)),
  keyOf: (bot) => bot.id,
}

/** Tells the bots that say all the words; undefined when there are none, and all bots are shown. */
export function findsBots(search: string): ((bot: Bot) => boolean) | undefined {
  const words = patterns(search)
  return words.length === 0 ? undefined : (bot) => words.every((word) => says(bot, word))
}

function says(bot: Bot, word: RegExp): boolean {
  return [bot.label ?? '', bot.steamId64, bot.proxyUrl, bot.id].some((text) => word.test(text))
}
