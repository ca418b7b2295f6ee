import { beforeEach, expect, test } from 'vitest'

import type { Role } from '@/contract/enums'
import type { BotId, ChatId, TaskId } from '@/contract/ids'
import type { PluginRow } from '@/contract/rows'
import { paletteEntries } from '@/features/palette/entries'
import { LANGUAGES } from '@/i18n/languages'
import { SnapshotAssembly } from '@/store/replica'
import { identified } from '@/store/slices/session'
import { botChosen, chatOpened, placeChosen, taskChosen } from '@/store/slices/workspace'
import { createStore, snapshotArrived, type Store } from '@/store/store'

import { bot, chat, NOON, task } from '../rows'

const texts = LANGUAGES.en.texts
const plugin = (name: string, fields: Partial<PluginRow> = {}): PluginRow => ({
  name,
  status: 'running',
  since: NOON,
  detail: null,
  version: null,
  code: null,
  hooks: [],
  fixed: false,
  enabled: null,
  seat: null,
  lastError: null,
  lastErrorAt: null,
  ...fields,
})

let store: Store
let scheme: string

beforeEach(() => {
  scheme = ''
  store = createStore()
  const plugins = [
    plugin('scripted_agent'),
    plugin('journal', { fixed: true, hooks: ['recover'] }),
    plugin('llm_agent', { status: 'stopped' }),
  ]
  const state = { bots: [bot()], tasks: [task()], chats: [chat()], plugins }
  store.dispatch(snapshotArrived(new SnapshotAssembly().add({ seq: 1, ts: 1, part: 1, parts: 1, state })!))
})

const labels = (search: string, role: Role = 'admin') => {
  store.dispatch(identified({ actor: 'operator:anna', role }))
  const page = { setScheme: (to: string) => (scheme = to), refused: () => undefined }
  return paletteEntries(search, store, texts, page).filter(({ group }) => group === 'commands')
}
const offers = (search: string, role?: Role) => labels(search, role).map(({ label }) => label)

test('the task, the player and the bot that are looked at can be dealt with by name', () => {
  expect(offers('put the task')).toEqual([])
  store.dispatch(placeChosen('tasks'))
  store.dispatch(taskChosen('task_1' as TaskId))
  expect(offers('put the task')).toEqual(['Put the task away'])
  expect(offers('leave alone')).toEqual(['Leave the player alone'])
  store.dispatch(chatOpened('chat_1' as ChatId))
  expect(offers('put the task')).toEqual(['Put the task away'])
  store.dispatch(placeChosen('bots'))
  store.dispatch(botChosen('bot_1' as BotId))
  expect(offers('remove bot')).toEqual(['Remove the bot'])
  expect(offers('put the task')).toEqual([])
})

test('an invite to a player in doubt may be allowed from the palette, while it is in doubt', () => {
  store.dispatch(placeChosen('tasks'))
  store.dispatch(taskChosen('task_1' as TaskId))
  expect(offers('one more invite')).toEqual([])
  const { playerSteamId64: steamId64 } = task()
  const doubted = {
    steamId64,
    doNotContact: null,
    inviteRefusal: 'inDoubt',
    inviteRefusedAt: NOON,
    clearedAt: null,
    clearedAmong: [],
    persona: null,
  } as const
  const state = { tasks: [task({ status: 'failed', reason: 'inDoubt' })], players: [doubted] }
  store.dispatch(snapshotArrived(new SnapshotAssembly().add({ seq: 2, ts: 2, part: 1, parts: 1, state })!))
  expect(offers('one more invite')).toEqual(['Allow one more invite to the player'])
  expect(offers('one more invite', 'viewer')).toEqual([])
})

test('plugins are started, reloaded and stopped by name, as far as each can be', () => {
  expect(offers('agent')).toEqual(['Reload: scripted_agent', 'Stop: scripted_agent', 'Start: llm_agent'])
  expect(offers('journal')).toEqual([])
  expect(offers('').filter((label) => label.includes('agent'))).toEqual([])
})

test('colours and canned replies are found by their names', () => {
  labels('colours dark')[0]!.run()
  expect(scheme).toBe('dark')
  store.dispatch(placeChosen('bots'))
  expect(offers('canned')).toEqual(['Canned replies'])
})

test('nothing is offered that the role may not do', () => {
  store.dispatch(chatOpened('chat_1' as ChatId))
  for (const words of ['new task', 'take', 'write', 'pause', 'leave alone', 'put the task', 'agent']) {
    expect(offers(words, 'viewer'), words).toEqual([])
  }
  expect(offers('agent', 'operator').filter((label) => label.includes(':'))).toEqual([])
  expect(offers('new task', 'operator')).toEqual(['New task'])
  expect(offers('who did', 'developer')).toEqual([])
  expect(offers('who did', 'admin')).toEqual(['Who did what'])
})
