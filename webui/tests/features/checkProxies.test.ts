import { describe, expect, test } from 'vitest'

import { explainReport, inOrder, type ProxyReport } from '@/features/bots/checkProxies'
import { texts as en } from '@/i18n/en/texts'
import { texts as ru } from '@/i18n/ru/texts'

const row = (changes: Partial<ProxyReport>): ProxyReport => ({ proxy: 'http://h:1', ok: true, told: '', ...changes })

describe('a check of proxies', () => {
  test('shows what fails first, then the list as it was written', () => {
    const rows = [row({ line: 3 }), row({ line: 4, ok: false }), row({ line: 1 })]
    expect(inOrder(rows).map(({ line }) => line)).toEqual([4, 1, 3])
  })

  test('says in the language of the page what the matter is, and where the exit is not known', () => {
    expect(explainReport(row({ exit: '10.0.0.1' }), ru)).toBe(ru.proxyCheck.fine)
    expect(explainReport(row({}), ru)).toBe(ru.proxyCheck.exitUnknown)
    const refused = row({ ok: false, code: 'proxy.credentialsRefused', told: 'It does not take them.' })
    expect(explainReport(refused, en)).toBe('It does not take them.')
    expect(explainReport(refused, ru)).toContain(ru.explain.botReasons['proxy.credentialsRefused'].why)
    const twice = row({ ok: false, code: 'proxy.sameExit', told: 'It leaves by the same address as line 2.' })
    expect(explainReport(twice, ru)).toContain('line 2')
  })
})
