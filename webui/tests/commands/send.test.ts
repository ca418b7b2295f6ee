import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { askProofsBy } from '@/commands/proof'
import { newCommandId, send, sendForm } from '@/commands/send'

const fetch = vi.fn<(url: string, init: RequestInit) => Promise<Response>>()

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', fetch)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  fetch.mockReset()
})

const sentIds = () => fetch.mock.calls.map(([, init]) => (JSON.parse(init.body as string) as { id: string }).id)

test('a command whose answer got lost is given again under the same id', async () => {
  fetch.mockRejectedValueOnce(new TypeError('network')).mockResolvedValueOnce(Response.json({ ok: true, id: 'task_1' }))

  const sending = send('RemoveStopWord', { word: 'spam' })
  await vi.runAllTimersAsync()

  expect(await sending).toEqual({ ok: true, id: 'task_1' })
  expect(sentIds()).toHaveLength(2)
  expect(new Set(sentIds()).size).toBe(1)
})

test('what the server refuses is not given again', async () => {
  const error = { code: 'invalid', message: 'AddStopWord: word: give 2 to 40 characters', field: 'word' }
  fetch.mockResolvedValueOnce(Response.json({ ok: false, error }, { status: 400 }))

  const said = { ...error, message: 'Give 2 to 40 characters' }
  expect(await send('AddStopWord', { word: 'x' })).toEqual({ ok: false, error: said })
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('without any answer the operator is told, and not left waiting', async () => {
  fetch.mockRejectedValue(new TypeError('network'))
  const sending = send('ResumeContact', {})
  await vi.runAllTimersAsync()
  expect(await sending).toMatchObject({ ok: false, error: { code: 'network' } })
})

test('ids are of the form that the server takes, and differ', () => {
  const ids = Array.from({ length: 100 }, newCommandId)
  expect(new Set(ids).size).toBe(100)
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_.:-]{1,64}$/)
})

test('what takes a fresh proof is sent again, the same, once the person has given it, and they are asked once', async () => {
  const refused = () => Response.json({ ok: false, error: { code: 'proofNeeded', message: 'no' } }, { status: 403 })
  const ask = vi.fn<() => Promise<boolean>>().mockResolvedValue(true)
  const end = askProofsBy(ask)
  fetch.mockImplementation(() => Promise.resolve(ask.mock.calls.length === 0 ? refused() : Response.json({ ok: true })))

  const [command, form] = await Promise.all([
    send('RemoveStopWord', { word: 'spam' }),
    sendForm('/api/tokens/create', { name: 'lab' }),
  ])

  expect([command.ok, form.error, ask.mock.calls.length]).toEqual([true, undefined, 1])
  expect(new Set(fetch.mock.calls.map(([url, { body }]) => `${url} ${body as string}`)).size).toBe(2)
  expect(fetch).toHaveBeenCalledTimes(4)
  end()
})

test('whoever gives no proof is told that nothing was done', async () => {
  const error = { code: 'proofNeeded', message: 'Show who you are' }
  fetch.mockImplementation(() => Promise.resolve(Response.json({ ok: false, error }, { status: 403 })))
  const end = askProofsBy(() => Promise.resolve(false))
  expect(await sendForm('/api/tokens/create', { name: 'lab' })).toMatchObject({ error })
  end()
  expect(await sendForm('/api/tokens/create', { name: 'lab' })).toMatchObject({ error })
  expect(fetch).toHaveBeenCalledTimes(2)
})
