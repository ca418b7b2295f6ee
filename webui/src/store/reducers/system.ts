import { COMMANDS_KEPT, COMMANDS_KEPT_FOR, COMMANDS_MOST } from '@/contract/limits'
import type { PluginRow } from '@/contract/rows'
import { IllegalTransition, type ReducersOf } from '@/store/reducers/slice'
import type { Drafts } from '@/store/replica'

export const system: ReducersOf<`command.${string}` | `plugin.${string}` | 'error.logged'> = {
  'command.completed': (state, event, { ts }) => {
    const { id, command, created, digest } = event
    state.commands.put(id, { id, command, created, digest, ts })
    while (state.commands.size > COMMANDS_KEPT) {
      const oldest = state.commands.oldest()!
      if (state.commands.size <= COMMANDS_MOST && ts - oldest.ts <= COMMANDS_KEPT_FOR) break
      state.commands.drop(oldest.id)
    }
  },

  'plugin.found': (state, event, { ts }) => setPlugin(state, ts, event.name, 'stopped', event),

  'plugin.started': (state, event, { ts }) => setPlugin(state, ts, event.name, 'running', event),

  'plugin.reloaded': (state, event, { ts }) => setPlugin(state, ts, event.name, 'running', event),

  'plugin.rolledBack': (state, event, { ts }) => setPlugin(state, ts, event.name, 'running', { detail: event.detail }),

  'plugin.stopped': (state, event, { ts }) => setPlugin(state, ts, event.name, 'stopped'),

  'plugin.quarantined': (state, event, { ts }) =>
    setPlugin(state, ts, event.name, 'quarantined', { detail: event.detail }),

  'plugin.enabled': (state, event) => {
    knownPlugin(state, event.name)
    state.plugins.update(event.name, { enabled: true })
  },

  'plugin.disabled': (state, event) => {
    knownPlugin(state, event.name)
    state.plugins.update(event.name, { enabled: false })
  },

  'plugin.dismissed': (state, event) => {
    knownPlugin(state, event.name)
    state.plugins.drop(event.name)
  },

  'plugin.swapped': (state, event) => {
    const seat = knownPlugin(state, event.old).seat ?? event.old
    knownPlugin(state, event.new)
    state.plugins.update(event.old, { enabled: false, seat: null })
    state.plugins.update(event.new, { enabled: true, seat: seat === event.new ? null : seat })
  },

  'error.logged': (state, event, { ts }) => {
    if (state.plugins.get(event.source) === undefined) return
    state.plugins.update(event.source, { lastError: joined(event.message, event.detail), lastErrorAt: ts })
  },
}

/** A sentence and its detail: after a full stop, the detail is one of its own. */
function joined(message: string, detail: string | null): string {
  if (!detail) return message
  return `${message}${/[.!?…]$/.test(message) ? ' ' : ': '}${detail}`
}

type Facts = Pick<PluginRow, 'version' | 'code' | 'hooks' | 'fixed'>

const UNKNOWN: Omit<PluginRow, 'name' | 'status' | 'since'> = {
  detail: null,
  version: null,
  code: null,
  hooks: [],
  fixed: false,
  enabled: null,
  seat: null,
  lastError: null,
  lastErrorAt: null,
}

/** The plugin is in that state from now on; what else is known of it stays. */
function setPlugin(
  state: Drafts,
  since: number,
  name: string,
  status: PluginRow['status'],
  more: Partial<Facts> & { readonly detail?: string } = {},
): void {
  const { detail = null, version, code, hooks, fixed } = more
  const before = state.plugins.get(name) ?? { name, status, since, ...UNKNOWN }
  const facts = hooks === undefined ? {} : { version: version!, code: code!, hooks, fixed: fixed! }
  state.plugins.put(name, { ...before, ...facts, status, since, detail })
}

function knownPlugin(state: Drafts, name: string): PluginRow {
  const plugin = state.plugins.get(name)
  if (plugin === undefined) throw new IllegalTransition(`there is no plugin ${name}`)
  return plugin
}
