/**
 * An import of bots as the server holds it: files go there as they are, a plan comes back and is carried out. The command
 * line uses the same routes, so nothing is read here.
 */
import { type CommandError, sendForm } from '@/commands/send'
import type { ChosenFile } from '@/features/bots/chosenFiles'

export interface Remark {
  readonly code: string
  readonly message: string
  readonly line?: number
}

export type ImportStage = 'files' | 'reading' | 'planned' | 'adding' | 'done' | 'failed'

export const STANDINGS = [
  'added',
  'new',
  'known',
  'duplicate',
  'contradictory',
  'withoutPassword',
  'withoutProxy',
  'unusable',
  'refused',
] as const

export type Standing = (typeof STANDINGS)[number]

export interface ImportState {
  readonly importId: string
  readonly stage: ImportStage
  readonly done: number
  readonly total: number
  readonly accounts: number
  readonly counts: Readonly<Partial<Record<Standing, number>>>
  readonly problems: readonly Remark[]
  readonly passedOver: readonly string[]
  readonly passedOverCount: number
  readonly proxies: number
  readonly proxiesTaken: number
  readonly proxiesLeft: number
  readonly failure?: string | null
}

export interface ImportRow {
  readonly file: string
  readonly standing: Standing
  readonly account?: string
  readonly steamId64?: string
  readonly code?: string
  readonly message?: string
  readonly proxy?: string
  readonly botId?: string
  readonly hasPassword?: boolean
  readonly notes?: readonly Remark[]
}

export interface Lists {
  readonly passwords: string
  readonly proxies: string
  readonly passkey: string
}

/** What the server says against it, raised so that a whole import ends at one place. */
export class ImportRefused extends Error {
  readonly refusal: CommandError

  constructor(refusal: CommandError) {
    super(refusal.message)
    this.refusal = refusal
  }
}

const ROUTES = '/api/plugins/steam/imports'
const PIECE = 3 * 1024 * 1024
/** A request carries up to 8 MiB, and base64 makes a third more of a file. */
export const LARGEST_FILE = 5 * 1024 * 1024
const POLL_MS = 250
/** Bytes that a call takes as its arguments. */
const CHUNK = 0x8000

/** Send the files and have a plan made of them. */
export async function planned(
  files: readonly ChosenFile[],
  lists: Lists,
  seen: (state: ImportState) => void,
): Promise<ImportState> {
  let importId: string | null = null
  for (const piece of pieces(files)) {
    const sent = await Promise.all(piece.map(async ({ name, file }) => ({ name, content: await base64(file) })))
    const state: ImportState = await post('files', { importId, files: sent })
    importId = state.importId
    seen(state)
  }
  const state = await post('plan', {
    importId: importId ?? (await post('files', { files: [] })).importId,
    passwords: await base64(new Blob([lists.passwords])),
    proxies: await base64(new Blob([lists.proxies])),
    passkey: lists.passkey === '' ? null : lists.passkey,
  })
  return ended(state, seen)
}

/** Have the plan carried out; `labels` are of bots by their files. */
export async function carriedOut(
  importId: string,
  labels: Readonly<Record<string, string>>,
  seen: (state: ImportState) => void,
): Promise<ImportState> {
  return ended(await post('run', { importId, labels }), seen)
}

/** Have it forgotten; what comes of that does not matter. */
export function discard(importId: string): void {
  post('discard', { importId }).catch(() => undefined)
}

/** Every account of it. */
export async function rowsOf(importId: string): Promise<readonly ImportRow[]> {
  const rows: ImportRow[] = []
  for (;;) {
    const page = await get<{ rows: readonly ImportRow[]; total: number }>(
      `rows?importId=${importId}&start=${rows.length}`,
    )
    rows.push(...page.rows)
    if (page.rows.length === 0 || rows.length >= page.total) return rows
  }
}

/** A table for a spreadsheet, in which no cell is taken for a formula. */
export function asTable(rows: readonly ImportRow[]): string {
  const head = ['file', 'standing', 'account', 'steamId64', 'botId', 'proxy', 'code', 'message', 'notes']
  const cells = rows.map((row) => [
    row.file,
    row.standing,
    row.account,
    row.steamId64,
    row.botId,
    row.proxy,
    row.code,
    row.message,
    row.notes?.map((note) => note.message).join('; '),
  ])
  const cell = (text: string | undefined) => `"${(text ?? '').replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`
  return `\ufeff${[head, ...cells].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

function pieces(files: readonly ChosenFile[]): ChosenFile[][] {
  const found: ChosenFile[][] = []
  let size = PIECE
  for (const one of files) {
    if (size + one.file.size > PIECE) {
      found.push([])
      size = 0
    }
    found.at(-1)?.push(one)
    size += one.file.size
  }
  return found
}

async function ended(state: ImportState, seen: (state: ImportState) => void): Promise<ImportState> {
  let now = state
  while (now.stage === 'reading' || now.stage === 'adding') {
    seen(now)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    now = await get<ImportState>(`state?importId=${now.importId}`)
  }
  seen(now)
  if (now.stage === 'failed') throw new ImportRefused({ code: 'internal', message: now.failure ?? '' })
  return now
}

async function post(name: string, form: Readonly<Record<string, unknown>>): Promise<ImportState> {
  return told(await sendForm<ImportState & { readonly error?: never }>(`${ROUTES}/${name}`, form))
}

async function get<A extends object>(name: string): Promise<A> {
  let answer: A | { readonly error: CommandError }
  try {
    const response = await fetch(`${ROUTES}/${name}`, { credentials: 'same-origin' })
    answer = (await response.json()) as A
  } catch {
    answer = { error: { code: 'network', message: 'The server did not answer.' } }
  }
  return told<A>(answer)
}

function told<A extends object>(answer: A | { readonly error: CommandError }): A {
  if ('error' in answer) throw new ImportRefused(answer.error)
  return answer
}

async function base64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(text)
}
