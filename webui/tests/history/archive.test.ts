import { expect, test } from 'vitest'

import type { PluginStatus } from '@/contract/enums'
import type { PluginRow } from '@/contract/rows'
import { archiveFault } from '@/history/archive'

const history = (status: PluginStatus) => ({ name: 'history', status }) as PluginRow

test('the archive is asked only where the plugin that keeps it runs', () => {
  expect(archiveFault(undefined)?.code).toBe('notInArchive')
  expect(archiveFault(history('stopped'))?.code).toBe('historyNotReady')
  expect(archiveFault(history('quarantined'))?.code).toBe('historyNotReady')
  expect(archiveFault(history('running'))).toBeUndefined()
})
