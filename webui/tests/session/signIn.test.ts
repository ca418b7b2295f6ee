import { afterEach, expect, test, vi } from 'vitest'

import { sendSignIn, invitationIn } from '@/session/signIn'

afterEach(() => vi.unstubAllGlobals())

test('a one-time link is known by what stands behind the #, with or without a name', () => {
  expect(invitationIn('#welcome=abc&name=olga')).toEqual({ link: 'abc', name: 'olga' })
  expect(invitationIn('#welcome=abc')).toEqual({ link: 'abc', name: undefined })
  expect(invitationIn('#welcome=')).toBeUndefined()
  expect(invitationIn('')).toBeUndefined()
})

test('a server that does not answer a sign-in is an error like any other', async () => {
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('network')))
  expect(await sendSignIn('sign-in', { name: 'olga', password: 'x' })).toMatchObject({ error: { code: 'network' } })
  vi.stubGlobal('fetch', vi.fn().mockResolvedValue(Response.json({ ok: true })))
  expect((await sendSignIn('sign-out', { everywhere: true })).error).toBeUndefined()
})
