import type { PluginStatus } from '@/contract/enums'
import { COMMANDS_KEPT } from '@/contract/limits'
import type { Drafts } from '@/store/replica'
import type { ReducersOf } from '@/store/reducers/slice'

export const system: ReducersOf<`command.${string}` | `plugin.${string}`> = {
  'command.completed': (state, event, { ts }) => {
    state.commands.put(event.id, { id: event.id, command: event.command, created: event.created, ts })
    if (state.commands.size > COMMANDS_KEPT) state.commands.drop(state.commands.oldest()!.id)
  },

  'plugin.started': (state, event, { ts }) => setPlugin(state, ts, event.name, 'running'),

  'plugin.stopped': (state, event, { ts }) => setPlugin(state, ts, event.name, 'stopped'),

  'plugin.quarantined': (state, event, { ts }) => setPlugin(state, ts, event.name, 'quarantined', event.detail),
}

function setPlugin(state: Drafts, ts: number, name: string, status: PluginStatus, detail: string | null = null): void {
  state.plugins.put(name, { name, status, since: ts, detail })
}
