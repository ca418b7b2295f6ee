/** Whether there is an archive to ask: the plugin `history` keeps it, and not every system runs one. */
import type { CommandError } from '@/commands/send'
import type { PluginRow } from '@/contract/rows'
import { useAppSelector } from '@/store/store'

/** Nothing was ever archived here. */
const NONE: CommandError = { code: 'notInArchive', message: '' }
const STOPPED: CommandError = { code: 'historyNotReady', message: '' }

/** Why the archive cannot be asked; undefined where it can. */
export function archiveFault(plugin: PluginRow | undefined): CommandError | undefined {
  if (plugin === undefined) return NONE
  return plugin.status === 'running' ? undefined : STOPPED
}

/** The same as the live state stands; before there is one, nothing is known to be wrong. */
export function useArchiveFault(): CommandError | undefined {
  return useAppSelector(({ replica }) => (replica.seq === 0 ? undefined : archiveFault(replica.plugins.get('history'))))
}
