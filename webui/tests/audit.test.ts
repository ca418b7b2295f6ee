import { expect, test } from 'vitest'

import { auditUrl, EVERYTHING } from '@/features/audit/read'

test('the audit is asked for as it is narrowed down, a bare name being an operator', () => {
  expect(auditUrl(EVERYTHING)).toBe('/api/audit?')
  expect(auditUrl({ ...EVERYTHING, actor: ' anna ', result: 'refused' })).toBe(
    '/api/audit?actor=operator%3Aanna&result=refused',
  )
  expect(auditUrl({ ...EVERYTHING, actor: 'notebook:lab' })).toBe('/api/audit?actor=notebook%3Alab')
  expect(auditUrl({ ...EVERYTHING, actor: 'stranger' }, 'csv')).toBe(
    '/api/audit?actor=stranger&format=csv&limit=100000',
  )
})
