/** What plugins show, as the server gives it out. */
import type { PanelFault, ShownPanel } from '@/contract/panels'

/** What a plugin shows, or why that cannot be shown. */
export interface PanelCard {
  readonly plugin: string
  readonly panel: ShownPanel | null
  readonly fault: PanelFault | null
  /** What of it is wrong, in English. */
  readonly detail: string | null
}

/** Undefined when the server does not give them. */
export async function readPanels(signal: AbortSignal): Promise<readonly PanelCard[] | undefined> {
  try {
    const response = await fetch('/api/panels', { credentials: 'same-origin', signal })
    return response.ok ? ((await response.json()) as { panels: readonly PanelCard[] }).panels : undefined
  } catch {
    return undefined
  }
}
