/** Questions to the archive: `GET /api/history/…`, and its answers as files. */
import { prove } from '@/commands/proof'
import type { CommandError } from '@/commands/send'

export const HISTORY = '/api/history'

export type PastAnswer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CommandError }

export type Query = Readonly<Record<string, string | number | null | undefined>>

/** The address of a question; what is undefined, null or empty is not asked about. */
export function pastUrl(path: string, query: Query = {}): string {
  return withQuery(`${HISTORY}/${path}`, query)
}

/** An address with these fields of its query replaced. */
export function withQuery(url: string, query: Query): string {
  const [path, before] = url.split('?', 2) as [string, string?]
  const asked = new URLSearchParams(before)
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') asked.delete(name)
    else asked.set(name, String(value))
  }
  const text = asked.toString()
  return text === '' ? path : `${path}?${text}`
}

/** Ask. Without an answer the error is `network`; rejects only when `signal` ends it. */
export async function askPast<T>(url: string, signal?: AbortSignal): Promise<PastAnswer<T>> {
  try {
    const response = await fetch(url, { credentials: 'same-origin', ...(signal && { signal }) })
    if (!response.ok) return { ok: false, error: await errorIn(response) }
    return { ok: true, value: (await response.json()) as T }
  } catch (error) {
    if (signal?.aborted === true) throw error
    return { ok: false, error: { code: 'network', message: '' } }
  }
}

/** The answer as a file, after a fresh proof where one is needed. */
export async function filePast(url: string, format: 'csv' | 'ndjson'): Promise<PastAnswer<Blob>> {
  const of = withQuery(url, { format })
  try {
    let response = await fetch(of, { credentials: 'same-origin' })
    let error = response.ok ? undefined : await errorIn(response)
    if (error?.code === 'proofNeeded' && (await prove())) {
      response = await fetch(of, { credentials: 'same-origin' })
      error = response.ok ? undefined : await errorIn(response)
    }
    return error === undefined ? { ok: true, value: await response.blob() } : { ok: false, error }
  } catch {
    return { ok: false, error: { code: 'network', message: '' } }
  }
}

async function errorIn(response: Response): Promise<CommandError> {
  try {
    return ((await response.json()) as { readonly error: CommandError }).error
  } catch {
    return { code: 'network', message: '' }
  }
}
