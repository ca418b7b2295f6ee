import { afterEach, expect, test, vi } from 'vitest'

import { askProofsBy } from '@/commands/proof'
import { askPast, filePast, pastUrl, withQuery } from '@/history/ask'

afterEach(() => vi.unstubAllGlobals())

const answering = (...answers: readonly Response[]) => {
  const asked: string[] = []
  const left = [...answers]
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url)
    return Promise.resolve(left.shift() ?? Response.error())
  })
  return asked
}

const refusing = (status: number, code: string) =>
  new Response(JSON.stringify({ error: { code, message: '' } }), { status })

test('a question names what is asked about and nothing else', () => {
  expect(pastUrl('tasks', { item: 'AK-47 | Redline', status: undefined, agent: null, reason: '' })).toBe(
    '/api/history/tasks?item=AK-47+%7C+Redline',
  )
  expect(pastUrl('status')).toBe('/api/history/status')
})

test('a number’s own question keeps what it has, a reason that is empty too', () => {
  expect(withQuery('/api/history/tasks?status=failed&reason=', { before: 7 })).toBe(
    '/api/history/tasks?status=failed&reason=&before=7',
  )
})

test('what stands against an answer is told, whatever came in its place', async () => {
  answering(refusing(503, 'historyBusy'), new Response('<html>', { status: 502 }), new Response('<html>'))

  expect(await askPast('/api/history/status')).toMatchObject({ ok: false, error: { code: 'historyBusy' } })
  expect(await askPast('/api/history/status')).toMatchObject({ ok: false, error: { code: 'network' } })
  expect(await askPast('/api/history/status')).toMatchObject({ ok: false, error: { code: 'network' } })
})

test('a file that takes a fresh proof is asked for again once it is given, and not before', async () => {
  const asked = answering(refusing(403, 'proofNeeded'), new Response('a,b\n'), refusing(403, 'proofNeeded'))
  const end = askProofsBy(() => Promise.resolve(asked.length === 1))

  const given = await filePast('/api/history/report?table=items', 'csv')
  const refused = await filePast('/api/history/report?table=items', 'csv')

  expect(given.ok && (await given.value.text())).toBe('a,b\n')
  expect(refused).toMatchObject({ ok: false, error: { code: 'proofNeeded' } })
  expect(asked).toEqual(Array(3).fill('/api/history/report?table=items&format=csv'))
  end()
})
