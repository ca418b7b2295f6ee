/**
 * What this browser keeps for an account: settings in one entry, and an entry for the drafts of each chat, so that
 * windows do not write over each other. Without storage the page works, and forgets.
 */
import type { ChatId } from '@/contract/ids'
import { fitted, fittedWorkspace, isRecord } from '@/store/fitted'
import { initialWorkspace, type Unanswered, type Workspace } from '@/store/slices/workspace'

const PREFIX = 'switchboard.2/'
/** Of the storage of earlier versions, which knew no accounts: it might show one person's drafts to another. */
const FORMER = 'switchboard.workspace.1'
/** Chats of which a draft is kept; the oldest go first. */
const MOST_DRAFTS = 300

/** What is half written in one chat. */
export interface ChatDraft {
  readonly message: string
  readonly note: string
  readonly unanswered: Unanswered | null
}

type Drafts = Pick<Workspace, 'drafts' | 'noteDrafts' | 'unanswered'>

export function restoreWorkspace(actor: string): Workspace {
  attempt((storage) => storage.removeItem(FORMER))
  const settings = attempt((storage) => parsed(storage.getItem(`${PREFIX}${actor}/settings`)))
  return { ...fittedWorkspace(initialWorkspace, settings), ...restoreDrafts(actor) }
}

/** The language that was chosen last in this browser, for the page before it is known whose it is. */
export function restoreLanguage(): Workspace['language'] {
  return fitted(
    initialWorkspace.language,
    attempt((storage) => storage.getItem(`${PREFIX}language`)),
    'language',
  )
}

export function storeSettings(actor: string, workspace: Workspace): void {
  const { drafts: _, noteDrafts: __, unanswered: ___, ...settings } = workspace
  attempt((storage) => storage.setItem(`${PREFIX}${actor}/settings`, JSON.stringify(settings)))
  attempt((storage) =>
    workspace.language === null
      ? storage.removeItem(`${PREFIX}language`)
      : storage.setItem(`${PREFIX}language`, workspace.language),
  )
}

export function storeDraft(actor: string, chatId: ChatId, draft: ChatDraft): void {
  const key = draftKey(actor, chatId)
  attempt((storage) =>
    isEmpty(draft) ? storage.removeItem(key) : storage.setItem(key, JSON.stringify({ ...draft, at: Date.now() })),
  )
}

/** What is half written in this chat. */
export function draftOf({ drafts, noteDrafts, unanswered }: Drafts, chatId: ChatId): ChatDraft {
  return {
    message: drafts[chatId] ?? '',
    note: noteDrafts[chatId] ?? '',
    unanswered: unanswered[chatId] ?? null,
  }
}

export function draftKey(actor: string, chatId: string): string {
  return `${PREFIX}${actor}/draft/${chatId}`
}

/** A draft as it was stored; an empty one where what is stored is none. */
export function readDraft(text: string | null): ChatDraft & { readonly at: number } {
  const given = parsed(text)
  const { message, note, unanswered, at } = isRecord(given) ? given : {}
  return {
    message: textOf(message),
    note: textOf(note),
    unanswered: isUnanswered(unanswered) ? unanswered : null,
    at: typeof at === 'number' ? at : 0,
  }
}

function restoreDrafts(actor: string): Drafts {
  const prefix = draftKey(actor, '')
  const keys = attempt((storage) => Object.keys(storage).filter((key) => key.startsWith(prefix))) ?? []
  const found = keys
    .map((key) => ({ key, ...readDraft(attempt((storage) => storage.getItem(key)) ?? null) }))
    .sort((one, other) => other.at - one.at)
  for (const { key } of found.slice(MOST_DRAFTS)) attempt((storage) => storage.removeItem(key))
  const [drafts, noteDrafts, unanswered]: [Record<string, string>, Record<string, string>, Record<string, Unanswered>] =
    [{}, {}, {}]
  for (const { key, message, note, unanswered: sent } of found.slice(0, MOST_DRAFTS)) {
    const chatId = key.slice(prefix.length)
    // what was on its way when the page was left is there again, to be sent again under its id
    const back = (mode: Unanswered['mode'], text: string) => (text === '' && sent?.mode === mode ? sent.text : text)
    const [said, noted] = [back('message', message), back('note', note)]
    if (said !== '') drafts[chatId] = said
    if (noted !== '') noteDrafts[chatId] = noted
    if (sent !== null) unanswered[chatId] = sent
  }
  return { drafts, noteDrafts, unanswered }
}

function isEmpty({ message, note, unanswered }: ChatDraft): boolean {
  return message === '' && note === '' && unanswered === null
}

function isUnanswered(value: unknown): value is Unanswered {
  return (
    isRecord(value) &&
    typeof value['id'] === 'string' &&
    /^[A-Za-z0-9_.:-]{1,64}$/.test(value['id']) &&
    (value['mode'] === 'message' || value['mode'] === 'note') &&
    typeof value['text'] === 'string'
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function parsed(text: string | null): unknown {
  if (text === null) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A storage may be forbidden, full, or broken: there is nothing that the operator could do about it. */
function attempt<T>(act: (storage: Storage) => T): T | undefined {
  try {
    return act(window.localStorage)
  } catch {
    return undefined
  }
}
