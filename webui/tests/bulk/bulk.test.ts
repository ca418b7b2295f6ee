import { describe, expect, test } from 'vitest'

import { type BulkCommand, carryOut, type BulkEntry, plan } from '@/bulk/plan'
import { BulkRun, CONCURRENCY } from '@/bulk/run'
import type { CommandError } from '@/commands/send'
import type { TaskId } from '@/contract/ids'
import type { Task } from '@/contract/rows'
import { botCommands } from '@/features/bots/bulk'
import { openWork } from '@/features/bots/useOpenWork'
import { chatCommands } from '@/features/chats/bulk'
import { taskCommands } from '@/features/tasks/bulk'
import { LANGUAGES } from '@/i18n/languages'
import { extended, toggled } from '@/ui/selection'

import { bot, chat, message, task } from '../rows'

const texts = LANGUAGES.en.texts
const ANNA = 'operator:anna'

const rowsOf = (...tasks: Task[]) => ({
  find: (key: string) => tasks.find(({ id }) => id === key),
  titleOf: ({ item }: Task) => item,
  detailOf: ({ status }: Task) => status,
})
const disposing = (give: BulkCommand<Task>['give']): BulkCommand<Task> => ({ ...taskCommands(texts)[0]!, give })
const done = () => Promise.resolve({ ok: true, id: null } as const)
const todo = (count: number): BulkEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    key: `task_${index}`,
    commandId: `cmd_${index}`,
    title: '',
    detail: '',
    state: 'todo',
    why: undefined,
  }))

describe('choosing', () => {
  const order = ['a', 'b', 'c', 'd', 'e']

  test('a row is chosen, and no longer when it is asked for again', () => {
    expect([...toggled(toggled(new Set(), 'a'), 'b')]).toEqual(['a', 'b'])
    expect([...toggled(new Set(['a', 'b']), 'a')]).toEqual(['b'])
  })

  test('with Shift, everything between the last one and this one is, in either direction', () => {
    expect([...extended(new Set(['b']), order, 'b', 'd')]).toEqual(['b', 'c', 'd'])
    expect([...extended(new Set(['d']), order, 'd', 'b')].sort()).toEqual(['b', 'c', 'd'])
  })

  test('a row alone is chosen where the last one is not in sight any more', () => {
    expect([...extended(new Set(['x']), order, 'x', 'c')]).toEqual(['x', 'c'])
    expect([...extended(new Set(), order, undefined, 'c')]).toEqual(['c'])
  })
})

describe('a preview', () => {
  const open = task({ id: 'task_open' as TaskId })
  const ended = task({ id: 'task_ended' as TaskId, status: 'resolved' })

  test('says which rows a command does not fit, and why', () => {
    const keys = ['task_open', 'task_ended', 'task_gone']
    const entries = plan(keys, taskCommands(texts)[0]!, rowsOf(open, ended), texts.bulk.gone)
    expect(entries.map(({ state, why }) => [state, why])).toEqual([
      ['todo', undefined],
      ['unfit', 'It has ended already: Resolved.'],
      ['unfit', 'It is there no longer.'],
    ])
  })

  test('of bots to be removed says how much open work goes with each', () => {
    const replica = {
      tasks: [task({ assignedBotId: bot().id }), task({ assignedBotId: bot().id, status: 'failed' })],
      chats: [chat(), chat({ status: 'closed' })],
    }
    expect(openWork(replica as never).get(bot().id)).toEqual({ tasks: 1, chats: 1 })
    const remove = botCommands(texts, () => replica as never).find(({ kind }) => kind === 'RemoveBot')!
    expect(remove.besides!()(bot())).toBe('1 task, 1 chat')
  })

  test('of chats tells what is mine, a colleague’s, the agent’s and closed apart', () => {
    const commands = chatCommands(texts, ANNA, () => ({ me: ANNA, caughtUpAt: 0, teamSince: 0, here: {} }))
    const why = (label: string, fields: Parameters<typeof chat>[0]) =>
      commands.find((command) => command.label === label)!.unfit(chat(fields))
    const byHand = (owner: string) => ({ agentEnabled: false, owner })
    expect(why('Take over', {})).toBeUndefined()
    expect(why('Take over', byHand(ANNA))).toBe('You lead it already.')
    expect(why('Take over', byHand('operator:boris'))).toMatch(/^boris leads it/)
    expect(why('Give back', byHand(ANNA))).toBeUndefined()
    expect(why('Give back', {})).toBe('The agent leads it already.')
    expect(why('Give back', byHand('operator:boris'))).toBe('boris leads it.')
    expect(why('Give back', { ...byHand(ANNA), taskId: null })).toMatch(/^There is no task/)
    expect(why('Mark read', {})).toBe('Nothing in it is unread.')
    expect(why('Mark read', { messages: [message()] })).toBeUndefined()
    for (const label of ['Take over', 'Give back', 'Close']) {
      expect(why(label, { status: 'closed' })).toBe('The chat is closed.')
    }
  })
})

describe('carrying out', () => {
  test('leaves alone what has changed since the preview', async () => {
    const command = disposing(() => Promise.reject(new Error('it was given all the same')))
    const [entry] = plan(['task_1'], command, rowsOf(task()), 'gone')
    const now = rowsOf(task({ status: 'disposed' }))
    expect(await carryOut(entry!, command, now.find, null, texts)).toMatchObject({ state: 'unfit' })
  })

  test('keeps the server’s sentence beside the row that it refused', async () => {
    const error = { code: 'alreadyOver', message: 'The task is over.' }
    const command = disposing(() => Promise.resolve({ ok: false, error }))
    const [entry] = plan(['task_1'], command, rowsOf(task()), 'gone')
    const after = await carryOut(entry!, command, rowsOf(task()).find, null, texts)
    expect(after).toMatchObject({ state: 'refused', why: 'The task is over.' })
  })

  test('is done a few at a time, to each row once', async () => {
    const run = new BulkRun(todo(50))
    const given: string[] = []
    let [underWay, most] = [0, 0]
    await run.start(async (entry) => {
      given.push(entry.key)
      most = Math.max(most, (underWay += 1))
      await Promise.resolve()
      underWay -= 1
      return { ...entry, state: 'done' }
    })
    expect(most).toBe(CONCURRENCY)
    expect(new Set(given).size).toBe(50)
    expect(given).toHaveLength(50)
    expect(run.progress()).toMatchObject({ running: false, count: { done: 50, todo: 0 } })
  })

  test('stops when it is told to, and goes on with what is left', async () => {
    const run = new BulkRun(todo(50))
    let given = 0
    await run.start(async (entry) => {
      given += 1
      if (given === 10) run.stop()
      await Promise.resolve()
      return { ...entry, state: 'done' }
    })
    const { done: before, todo: left } = run.progress().count
    expect(before).toBeLessThan(10 + CONCURRENCY)
    expect(left).toBe(50 - before)
    await run.start((entry) => Promise.resolve({ ...entry, state: 'done' }))
    expect(run.progress().count).toMatchObject({ done: 50, todo: 0 })
  })

  test('waits as long as a server asks that has too much to do, and gives the same command again', async () => {
    const run = new BulkRun(todo(1))
    const busy: CommandError = { code: 'tooManyRequests', message: 'Too many requests.', retryAfter: 250 }
    const waited: number[] = []
    const ids: string[] = []
    await run.start(
      (entry) => {
        ids.push(entry.commandId)
        return Promise.resolve(ids.length < 3 ? busy : { ...entry, state: 'done' })
      },
      (ms) => {
        waited.push(ms)
        return Promise.resolve()
      },
    )
    expect(waited).toEqual([250, 250])
    expect(new Set(ids).size).toBe(1)
    expect(run.progress().count.done).toBe(1)
  })

  test('ends at a server that does not answer, and leaves the rest to be gone on with', async () => {
    const run = new BulkRun(todo(20))
    const silent: CommandError = { code: 'network', message: 'The server did not answer.' }
    let given = 0
    await run.start((entry) => Promise.resolve((given += 1) > 4 ? silent : { ...entry, state: 'done' }))
    expect(run.progress()).toMatchObject({ running: false, error: silent, count: { done: 4, todo: 16 } })
    expect(given).toBeLessThanOrEqual(4 + CONCURRENCY)
  })

  test('a task is put away under the id of its entry, with the reason that was given', async () => {
    const given: unknown[] = []
    const command = disposing((row, id, reason) => {
      given.push([row.id, id, reason])
      return done()
    })
    const [entry] = plan(['task_1'], command, rowsOf(task()), 'gone')
    expect(await carryOut(entry!, command, rowsOf(task()).find, 'sold out', texts)).toMatchObject({ state: 'done' })
    expect(given).toEqual([['task_1', entry!.commandId, 'sold out']])
  })
})
