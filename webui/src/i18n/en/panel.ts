/** The texts around what plugins show of their own, in English. */
import type { PanelFault } from '@/contract/panels'

const faults: Record<PanelFault, string> = {
  raised: 'The plugin failed when it was asked for its panel. Its author has to mend it; the rest goes on.',
  late: 'The plugin did not answer in time. It is asked again in half a minute.',
  invalid: 'The plugin answered with what may not be shown. Its author has to mend it; the rest goes on.',
}

export const panelTexts = {
  panel: {
    title: 'What plugins show',
    of: (plugin: string) => `Panel of ${plugin}`,
    none: 'No plugin that runs shows anything of its own.',
    empty: 'Nothing here just now.',
    failed: 'What the plugins show did not load. It is tried again every few seconds.',
    broken: 'A panel that cannot be shown',
    faults,
  },
}
