/** The entries of the command palette for a search: commands, and the bots, tasks and chats that contain all its words. */
import type { Bot, Chat, Task } from '@/contract/rows'
import { botName } from '@/explain/explain'
import { playerLabel, playerName } from '@/explain/player'
import { paletteCommands, type PaletteActions } from '@/features/palette/commands'
import type { PaletteEntry } from '@/features/palette/entry'
import type { Texts } from '@/i18n/en/texts'
import { searchPatterns } from '@/lists/searchPatterns'
import { botChosen, chatOpened, placeChosen, taskChosen } from '@/store/slices/workspace'
import type { Store } from '@/store/store'

/** At most so many rows of each kind: one more word finds the others. */
const FOUND = 6

export function paletteEntries(
  search: string,
  store: Store,
  texts: Texts,
  page: PaletteActions,
): readonly PaletteEntry[] {
  const words = searchPatterns(search)
  const says = (...said: readonly string[]) => words.every((word) => said.some((text) => word.test(text)))
  const found = paletteCommands(store, texts, page, words.length > 0).filter(({ label, detail }) =>
    says(label, detail ?? ''),
  )
  if (words.length === 0) return found
  const { replica } = store.getState()
  const { dispatch } = store
  const item = (chat: Chat) => (chat.taskId === null ? undefined : replica.tasks.get(chat.taskId)?.item)
  const nameOf = (bot: Bot | undefined) => (bot === undefined ? '' : botName(bot))
  return [
    ...found,
    ...first(replica.chats, (chat: Chat) =>
      says(
        chat.playerSteamId64,
        playerName(chat.playerSteamId64, replica.players),
        chat.id,
        item(chat) ?? '',
        nameOf(replica.bots.get(chat.botId)),
      ),
    ).map((chat) => ({
      id: chat.id,
      group: 'chats' as const,
      label: item(chat) ?? playerLabel(chat.playerSteamId64, replica.players),
      detail: `${playerLabel(chat.playerSteamId64, replica.players)} · ${nameOf(replica.bots.get(chat.botId))}`,
      run: () => dispatch(chatOpened(chat.id)),
    })),
    ...first(replica.tasks, (task: Task) =>
      says(task.item, task.playerSteamId64, playerName(task.playerSteamId64, replica.players), task.id),
    ).map((task) => ({
      id: task.id,
      group: 'tasks' as const,
      label: task.item,
      detail: `${playerLabel(task.playerSteamId64, replica.players)} · ${texts.taskStatus[task.status]}`,
      run: () => {
        dispatch(placeChosen('tasks'))
        dispatch(taskChosen(task.id))
      },
    })),
    ...first(replica.bots, (bot: Bot) => says(bot.label ?? '', bot.steamId64, bot.id)).map((bot) => ({
      id: bot.id,
      group: 'bots' as const,
      label: botName(bot),
      detail: `${bot.steamId64} · ${texts.botStatus[bot.status]}`,
      run: () => {
        dispatch(placeChosen('bots'))
        dispatch(botChosen(bot.id))
      },
    })),
  ]
}

function first<R>(rows: Iterable<R>, fits: (row: R) => boolean): readonly R[] {
  const found: R[] = []
  for (const row of rows) {
    if (fits(row)) found.push(row)
    if (found.length === FOUND) break
  }
  return found
}
