/**
 * What the page sends to the server: commands, each with an id, so that one that may have got lost is given again and carried
 * out once; and forms. Nothing here throws.
 */
import { prove } from '@/commands/proof'
import type { CommandKind, Commands, Created } from '@/contract/commands'

export interface CommandError {
  /** Stable, for programs; `network` when there was no answer. */
  readonly code: string
  /** A sentence for people. */
  readonly message: string
  /** The part of the command that it is about. */
  readonly field?: string
  /** Milliseconds after which the same command may pass. */
  readonly retryAfter?: number
}

export type Answer<Id> = { readonly ok: true; readonly id: Id } | { readonly ok: false; readonly error: CommandError }

export type Outcome<K extends CommandKind> = Answer<Created[K]>

/** The payload of a command that is a plugin's own. */
export type PluginPayload = Readonly<Record<string, unknown>>

const TRIES = 3
const PAUSE_MS = 700

export function newCommandId(): string {
  return `cmd_${crypto.getRandomValues(new Uint32Array(4)).reduce((text, part) => text + part.toString(36).padStart(7, '0'), '')}`
}

/** Give one command. What went wrong is in the outcome. */
export async function send<K extends CommandKind>(
  kind: K,
  payload: Commands[K],
  id: string = newCommandId(),
): Promise<Outcome<K>> {
  return sendBody(kind, JSON.stringify({ id, kind, payload }))
}

/** The same for a command of a plugin's own, of which the contract knows nothing. */
export function sendPlugins(kind: string, payload: PluginPayload, id: string): Promise<Answer<string | null>> {
  return sendBody(kind, JSON.stringify({ id, kind, payload }))
}

/** The same for an idempotent command: it has no id, so that the server need not remember it. */
export function sendIdempotent<K extends CommandKind>(kind: K, payload: Commands[K]): Promise<Outcome<K>> {
  return sendBody(kind, JSON.stringify({ kind, payload }))
}

/** Send a form, once. The server's answer, or why there is none. */
export async function sendForm<A extends { readonly error?: CommandError }>(
  path: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<A | { readonly error: CommandError }> {
  return (await post<A>(path, JSON.stringify(fields))) ?? { error: NO_ANSWER }
}

const NO_ANSWER: CommandError = { code: 'network', message: 'The server did not answer.' }

async function sendBody<Id>(kind: string, body: string): Promise<Answer<Id>> {
  for (let left = TRIES; ; left -= 1) {
    const answer = await post<Answer<Id>>('/api/command', body)
    if (answer !== undefined) return answer.ok ? answer : { ok: false, error: plain(kind, answer.error) }
    if (left === 1) return { ok: false, error: NO_ANSWER }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

/** The error without the names that the place where it is shown says already. */
function plain(kind: string, error: CommandError): CommandError {
  let { message } = error
  for (const name of [kind, error.field]) {
    if (name !== undefined && message.startsWith(`${name}: `)) message = message.slice(name.length + 2)
  }
  return { ...error, message: message.charAt(0).toUpperCase() + message.slice(1) }
}

/** The server's answer, after a fresh proof where it takes one; undefined when there was none, and it is not known whether the request arrived. */
async function post<A>(path: string, body: string): Promise<A | undefined> {
  const answer = await postOnce<A>(path, body)
  const refused = (answer as { readonly error?: CommandError } | undefined)?.error?.code
  return refused === 'proofNeeded' && (await prove()) ? postOnce<A>(path, body) : answer
}

async function postOnce<A>(path: string, body: string): Promise<A | undefined> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      credentials: 'same-origin',
      body,
    })
    return (await response.json()) as A
  } catch {
    return undefined
  }
}
