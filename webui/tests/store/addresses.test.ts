import { expect, test } from 'vitest'

import type { BotId, ChatId, TaskId } from '@/contract/ids'
import { addressOf, openedAt } from '@/store/addresses'
import { initialWorkspace, type Workspace } from '@/store/slices/workspace'

const chat = (name: string) => `chat_${name}` as ChatId
const [a, b, c] = ['a', 'b', 'c'].map(chat) as [ChatId, ChatId, ChatId]
const columns: Workspace = { ...initialWorkspace, panes: [a, b], active: a, sideBySide: true }

test.for<[Workspace, string]>([
  [initialWorkspace, '/chats'],
  [{ ...initialWorkspace, panes: [a], active: a }, '/chats/chat_a'],
  [columns, '/chats/chat_a,chat_b'],
  [{ ...initialWorkspace, place: 'tasks' }, '/tasks'],
  [{ ...initialWorkspace, place: 'tasks', task: 'task_1' as TaskId }, '/tasks/task_1'],
  [{ ...initialWorkspace, place: 'bots', bot: 'bot/1?' as BotId }, '/bots/bot%2F1%3F'],
  [{ ...initialWorkspace, place: 'plugins' }, '/plugins'],
])('what is shown has an address, by which it is shown again (%o)', ([workspace, address]) => {
  expect(addressOf(workspace)).toBe(address)
  expect(openedAt(initialWorkspace, address)).toMatchObject({
    place: workspace.place,
    panes: workspace.panes,
    task: workspace.task,
    bot: workspace.bot,
    sideBySide: workspace.sideBySide,
  })
})

test('a link to one chat shows it alone, and leaves the columns for later', () => {
  const opened = openedAt(columns, '/chats/chat_c')
  expect(addressOf(opened)).toBe('/chats/chat_c')
  expect(openedAt(columns, '/chats/chat_b')).toMatchObject({ panes: [a, b], active: b, sideBySide: false })
  expect(openedAt(columns, '/chats/chat_c', true)).toMatchObject({ panes: [c], active: c, sideBySide: true })
})

test.for(['', '/', '/nowhere', '/nowhere/chat_a', 'chats', '//chats', '/chatsx/chat_a', '/%63hats'])(
  'an address of no place changes nothing (%s)',
  (address) => expect(openedAt(columns, address)).toBe(columns),
)

test.for<[string, string]>([
  ['/chats/%E0%A4%A', '/chats/%25E0%25A4%25A'],
  ['/chats/,,', '/chats'],
  ['/chats/chat_a,chat_a', '/chats/chat_a'],
  ['/chats/chat_a/', '/chats/chat_a'],
  ['/chats/chat_a?utm=1', '/chats/chat_a'],
  ['/chats?utm=1', '/chats'],
  ['/tasks/task_1,task_2', '/tasks/task_1'],
  ['/tasks/', '/tasks'],
  [`/chats/${Array.from({ length: 9 }, (_, n) => n).join()}`, '/chats/0,1,2,3,4,5'],
  ['/bots/<img src=x>', '/bots/%3Cimg%20src%3Dx%3E'],
])('%s is read as %s', ([given, read]) => {
  expect(addressOf(openedAt(initialWorkspace, given))).toBe(read)
})
