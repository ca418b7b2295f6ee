/** One entry of the command palette: a command, or a row to go to. */
export const GROUPS = ['commands', 'chats', 'tasks', 'bots'] as const

export interface PaletteEntry {
  readonly id: string
  readonly group: (typeof GROUPS)[number]
  readonly label: string
  /** What tells it from others that are called the same. */
  readonly detail?: string
  /** The key that does it without the palette. */
  readonly key?: string
  readonly run: () => void
}
