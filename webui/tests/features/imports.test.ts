import { afterEach, describe, expect, test, vi } from 'vitest'

import { asTable, carriedOut, ImportRefused, planned, rowsOf } from '@/features/bots/imports'

const STATE = { importId: 'i1', stage: 'planned', done: 1, total: 1, counts: { new: 1 }, proxies: 1 }

interface Asked {
  readonly path: string
  readonly body: Record<string, unknown>
}

/** A server that answers one after the other, and what it was asked. */
function server(...answers: object[]): Asked[] {
  const asked: Asked[] = []
  vi.stubGlobal('fetch', (path: string, init?: { body?: string }) => {
    asked.push({ path, body: JSON.parse(init?.body ?? '{}') as Record<string, unknown> })
    return Promise.resolve({ json: () => Promise.resolve(answers.shift() ?? STATE) })
  })
  return asked
}

const file = (name: string, content: BlobPart) => ({ name, file: new File([content], name) })
const lists = { passwords: 'алиса:пароль', proxies: '1.2.3.4:80', passkey: '' }

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('an import', () => {
  test('sends the bytes of the files and lists as they are, with the folders that they lie in', async () => {
    const asked = server()
    const odd = new Uint8Array([0xff, 0xfe, 0x7b, 0])
    await planned([file('maFiles/a.maFile', odd), file('m/manifest.json', '')], lists, () => {})
    expect(asked[0]).toEqual({
      path: '/api/plugins/steam/imports/files',
      body: {
        importId: null,
        files: [
          { name: 'maFiles/a.maFile', content: '//57AA==' },
          { name: 'm/manifest.json', content: '' },
        ],
      },
    })
    const { passwords, passkey } = asked[1]?.body ?? {}
    expect(Buffer.from(String(passwords), 'base64').toString()).toBe('алиса:пароль')
    expect(passkey).toBeNull()
  })

  test('sends many files in several requests of one import', async () => {
    const asked = server()
    const large = new Uint8Array(2 * 1024 * 1024)
    await planned([file('a', large), file('b', large), file('c', 'x')], lists, () => {})
    expect(asked.map(({ path }) => path.split('/').at(-1))).toEqual(['files', 'files', 'plan'])
    expect(asked.map(({ body }) => body['importId'])).toEqual([null, 'i1', 'i1'])
  })

  test('tells how far it is until it is done, with the labels of the bots', async () => {
    vi.useFakeTimers()
    const adding = { ...STATE, stage: 'adding' }
    const asked = server({ ...adding, done: 0 }, adding, { ...STATE, stage: 'done' })
    const seen: string[] = []
    const end = carriedOut('i1', { 'a.maFile': 'spare' }, ({ stage, done }) => seen.push(`${stage} ${done}`))
    await vi.runAllTimersAsync()
    expect((await end).stage).toBe('done')
    expect(seen).toEqual(['adding 0', 'adding 1', 'done 1'])
    expect(asked[0]?.body).toEqual({ importId: 'i1', labels: { 'a.maFile': 'spare' } })
  })

  test('ends with what the server says against it', async () => {
    server({ ok: false, error: { code: 'import.notFound', message: 'Gone.' } })
    const ended = await rowsOf('i1').catch((error: unknown) => error)
    expect(ended).toBeInstanceOf(ImportRefused)
    expect((ended as ImportRefused).refusal.code).toBe('import.notFound')
  })

  test('reads all pages of its accounts', async () => {
    const row = { file: 'a', standing: 'new' }
    const asked = server({ rows: [row, row], total: 3 }, { rows: [row], total: 3 })
    expect(await rowsOf('i1')).toHaveLength(3)
    expect(asked[1]?.path).toContain('start=2')
  })

  test('is saved as a table in which nothing is a formula', () => {
    const table = asTable([{ file: '=cmd()', standing: 'refused', message: 'say "no", twice' }])
    expect(table).toContain(`"'=cmd()","refused"`)
    expect(table).toContain('"say ""no"", twice"')
  })
})
