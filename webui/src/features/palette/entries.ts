/** What the palette offers: the commands that make sense now, and the bots, tasks and chats that say all the words. */
import { reconnect } from '@/connection/follow'
import type { Bot, Chat, Task } from '@/contract/rows'
import { botName } from '@/explain/explain'
import type { Texts } from '@/i18n/en'
import { patterns } from '@/lists/words'
import type { RootState, Store } from '@/store/store'
import { type Signal, signal } from '@/ui/signals'
import {
  botChosen,
  chatClosed,
  chatOpened,
  languageChosen,
  placeChosen,
  sideBySideChosen,
  taskChosen,
  taskShown,
} from '@/workspace/slice'

export const GROUPS = ['commands', 'chats', 'tasks', 'bots'] as const

export interface Entry {
  readonly id: string
  readonly group: (typeof GROUPS)[number]
  readonly label: string
  /** What tells it from others that are called the same. */
  readonly detail?: string
  /** The key that does it without the palette. */
  readonly key?: string
  readonly run: () => void
}

/** Entries of each kind of row: more would have to be read through, where one more word finds it. */
const FOUND = 6

export function entries(search: string, store: Store, texts: Texts): readonly Entry[] {
  const words = patterns(search)
  const says = (...said: readonly string[]) => words.every((word) => said.some((text) => word.test(text)))
  const found = commands(store, texts).filter(({ label }) => says(label))
  if (words.length === 0) return found
  const { replica } = store.getState()
  const { dispatch } = store
  const item = (chat: Chat) => (chat.taskId === null ? undefined : replica.tasks.get(chat.taskId)?.item)
  const nameOf = (bot: Bot | undefined) => (bot === undefined ? '' : botName(bot))
  return [
    ...found,
    ...first(replica.chats, (chat: Chat) =>
      says(chat.playerSteamId64, chat.id, item(chat) ?? '', nameOf(replica.bots.get(chat.botId))),
    ).map((chat) => ({
      id: chat.id,
      group: 'chats' as const,
      label: item(chat) ?? chat.playerSteamId64,
      detail: `${chat.playerSteamId64} · ${nameOf(replica.bots.get(chat.botId))}`,
      run: () => dispatch(chatOpened(chat.id)),
    })),
    ...first(replica.tasks, (task: Task) => says(task.item, task.playerSteamId64, task.id)).map((task) => ({
      id: task.id,
      group: 'tasks' as const,
      label: task.item,
      detail: `${task.playerSteamId64} · ${texts.taskStatus[task.status]}`,
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

function commands(store: Store, texts: Texts): readonly Entry[] {
  const state = store.getState()
  const { dispatch } = store
  const { keys, places, menu } = texts
  const command = (id: string, label: string, run: () => void, key?: string): Entry => ({
    id,
    group: 'commands',
    label,
    run,
    ...(key === undefined ? {} : { key }),
  })
  const asked = (name: Signal, label: string, key?: string) => command(name, label, () => signal(name), key)
  const paused = state.replica.contacts.get('contact')?.paused === true
  return [
    ...ofChats(state, texts, command, asked, store),
    command('chats', places.chats, () => dispatch(placeChosen('chats')), '1'),
    command('tasks', places.tasks, () => dispatch(placeChosen('tasks')), '2'),
    command('bots', places.bots, () => dispatch(placeChosen('bots')), '3'),
    asked('newTask', texts.task.new, 'N'),
    asked('addBots', texts.bot.add),
    paused ? asked('resumeContact', texts.contact.resume) : asked('pauseContact', texts.contact.pause),
    command('reconnect', texts.connection.retry, reconnect),
    command('en', `${menu.language}: English`, () => dispatch(languageChosen('en'))),
    command('ru', `${menu.language}: Русский`, () => dispatch(languageChosen('ru'))),
    asked('help', keys.title, '?'),
  ]
}

function ofChats(
  { workspace, replica }: RootState,
  { keys }: Texts,
  command: (id: string, label: string, run: () => void, key?: string) => Entry,
  asked: (name: Signal, label: string, key?: string) => Entry,
  { dispatch }: Store,
): readonly Entry[] {
  if (workspace.place !== 'chats') return []
  const chat = workspace.active === null ? undefined : replica.chats.get(workspace.active)
  const about = chat === undefined ? [] : [asked('write', keys.write, 'R'), asked('note', keys.note, 'M')]
  return [
    ...(chat?.status !== 'open'
      ? []
      : chat.agentEnabled
        ? [asked('takeOver', keys.take, 'T')]
        : [asked('giveBack', keys.give, 'G'), asked('cannedReplies', keys.replies, 'Q')]),
    ...about,
    ...(chat === undefined ? [] : [command('close', keys.closePane, () => dispatch(chatClosed(chat.id)), 'X')]),
    asked('nextUnreadChat', keys.nextUnread, 'U'),
    asked('nextChat', keys.next, 'J'),
    asked('previousChat', keys.previous, 'K'),
    command('sideBySide', keys.sideBySide, () => dispatch(sideBySideChosen(!workspace.sideBySide)), 'S'),
    command('taskShown', keys.task, () => dispatch(taskShown(!workspace.showTask)), 'I'),
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
