import { expect, test } from 'vitest'

import { auditUrl, NO_FILTER } from '@/features/audit/read'

test('the audit is asked for as it is narrowed down, a bare name being an operator', () => {
  expect(auditUrl(NO_FILTER)).toBe('/api/audit?')
  expect(auditUrl({ ...NO_FILTER, actor: ' anna ', result: 'refused' })).toBe(
    '/api/audit?actor=operator%3Aanna&result=refused',
  )
  expect(auditUrl({ ...NO_FILTER, actor: 'notebook:lab' })).toBe('/api/audit?actor=notebook%3Alab')
  expect(auditUrl({ ...NO_FILTER, actor: 'stranger' }, 'csv')).toBe('/api/audit?actor=stranger&format=csv&limit=100000')
})
