/** The audit, as the server gives it out. */
import { prove } from '@/commands/proof'
import type { CommandError } from '@/commands/send'
import { saveFile } from '@/ui/saveFile'

export interface AuditRecord {
  readonly seq: number
  readonly ts: number
  readonly actor: string
  readonly action: string
  readonly result: string
  readonly address: string
  readonly via: string
  readonly subject: string | null
}

export interface AuditFilter {
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly result: '' | 'ok' | 'refused'
}

export type AuditFormat = 'csv' | 'ndjson'

export const NO_FILTER: AuditFilter = { actor: '', action: '', subject: '', result: '' }

/** Where it is read; `format` makes a file of it. */
export function auditUrl(filter: AuditFilter, format?: AuditFormat): string {
  const asked = new URLSearchParams()
  for (const [name, value] of Object.entries(filter) as [string, string][]) {
    const wanted = value.trim()
    // a bare name is an operator's: that is what colleagues are called by
    if (wanted !== '')
      asked.set(name, name === 'actor' && !/^\w+:|^stranger$/.test(wanted) ? `operator:${wanted}` : wanted)
  }
  if (format !== undefined) {
    asked.set('format', format)
    asked.set('limit', '100000')
  }
  return `/api/audit?${asked}`
}

/** The newest entries that fit; undefined when the server does not give them. */
export async function readAudit(filter: AuditFilter, signal: AbortSignal): Promise<readonly AuditRecord[] | undefined> {
  try {
    const response = await fetch(auditUrl(filter), { credentials: 'same-origin', signal })
    return response.ok ? ((await response.json()) as { records: readonly AuditRecord[] }).records : undefined
  } catch {
    return undefined
  }
}

/** Have the browser keep it as a file, after a fresh proof where one is needed. What stands against it, if anything. */
export async function exportAudit(filter: AuditFilter, format: AuditFormat): Promise<CommandError | undefined> {
  const url = auditUrl(filter, format)
  try {
    let response = await fetch(url, { credentials: 'same-origin' })
    let error = await errorIn(response)
    if (error?.code === 'proofNeeded' && (await prove())) {
      response = await fetch(url, { credentials: 'same-origin' })
      error = await errorIn(response)
    }
    if (error !== undefined) return error
    saveFile(await response.blob(), `audit.${format}`)
    return undefined
  } catch {
    return { code: 'network', message: '' }
  }
}

async function errorIn(response: Response): Promise<CommandError | undefined> {
  return response.ok ? undefined : ((await response.json()) as { readonly error: CommandError }).error
}
