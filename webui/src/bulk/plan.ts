/** One command for many rows: which of them it fits, and what became of each. */
import type { CommandError, Outcome } from '@/commands/send'
import { newCommandId } from '@/commands/send'
import type { CommandKind } from '@/contract/commands'
import { refusalText } from '@/explain/reasons'
import type { Texts } from '@/i18n/en/texts'

export interface BulkCommand<R> {
  readonly kind: CommandKind
  readonly label: string
  readonly danger?: boolean
  /** Asked about `count` rows, which it fits. */
  readonly title: (count: number) => string
  /** What it will do to each of them. */
  readonly hint: string
  /** Named where the command takes a reason in words. */
  readonly reason?: string
  /** Why it does not fit this row; undefined when it does. */
  readonly unfit: (row: R) => string | undefined
  /** Looks around once, and then says of each row what will go with it. */
  readonly besides?: () => (row: R) => string | undefined
  readonly give: (row: R, commandId: string, reason: string | null) => Promise<Outcome<CommandKind>>
}

/** How a list finds and names its rows. */
export interface BulkRows<R> {
  /** The row as it is now; undefined when it is there no longer. */
  readonly find: (key: string) => R | undefined
  readonly titleOf: (row: R) => string
  readonly detailOf: (row: R) => string
}

export type BulkState = 'refused' | 'unfit' | 'todo' | 'done'

export interface BulkEntry {
  readonly key: string
  /** The same for each try: what was carried out already is not carried out twice. */
  readonly commandId: string
  readonly title: string
  readonly detail: string
  readonly state: BulkState
  /** Why it was left as it is, in a sentence. */
  readonly why: string | undefined
}

export function plan<R>(
  keys: Iterable<string>,
  command: BulkCommand<R>,
  { find, titleOf, detailOf }: BulkRows<R>,
  gone: string,
): readonly BulkEntry[] {
  const besides = command.besides?.()
  const entries: BulkEntry[] = []
  for (const key of keys) {
    const row = find(key)
    const why = row === undefined ? gone : command.unfit(row)
    const more = row === undefined || why !== undefined ? undefined : besides?.(row)
    entries.push({
      key,
      commandId: newCommandId(),
      title: row === undefined ? key : titleOf(row),
      detail: [row === undefined ? '' : detailOf(row), more].filter(Boolean).join(' · '),
      state: why === undefined ? 'todo' : 'unfit',
      why,
    })
  }
  return entries
}

/** Carries out the command for one entry: what became of it, or an error that is not about this row alone. */
export async function carryOut<R>(
  entry: BulkEntry,
  command: BulkCommand<R>,
  find: (key: string) => R | undefined,
  reason: string | null,
  texts: Texts,
): Promise<BulkEntry | CommandError> {
  // things may have moved on since the preview
  const row = find(entry.key)
  const unfit = row === undefined ? texts.bulk.gone : command.unfit(row)
  if (row === undefined || unfit !== undefined) return { ...entry, state: 'unfit', why: unfit }
  const outcome = await command.give(row, entry.commandId, reason)
  if (outcome.ok) return { ...entry, state: 'done', why: undefined }
  if (NOT_ABOUT_THE_ROW.has(outcome.error.code)) return outcome.error
  return { ...entry, state: 'refused', why: refusalText(outcome.error, texts) }
}

/** Errors that stop the run: the server cannot write, or does not answer. */
export const STOPS_ALL: ReadonlySet<string> = new Set(['network', 'notDurable', 'notKnown'])

/** Errors that are not about the row: its command stays to be given, with the same id. */
const NOT_ABOUT_THE_ROW: ReadonlySet<string> = new Set(['tooManyRequests', 'tooManyCommands', ...STOPS_ALL])
