/** Bots to be added: a maFile each, with a proxy and what else the server needs. */
import { MAFILE_LENGTH } from '@/contract/limits'

export interface Candidate {
  readonly key: string
  readonly file: string
  readonly maFile: string
  /** The account's name as the maFile says it; empty when it does not. */
  readonly account: string
  /** Why this file cannot be sent at all. */
  readonly unusable: boolean
  readonly proxyUrl: string
  readonly password: string
  readonly label: string
  readonly state: 'waiting' | 'sending' | 'added'
  readonly refusal?: { readonly field: string | undefined; readonly message: string }
}

/** Parses the text of a maFile. */
export function candidate(file: string, text: string, key: string): Candidate {
  const account = accountOf(text)
  return {
    key,
    file,
    maFile: text,
    account: account ?? '',
    unusable: account === undefined || text.length > MAFILE_LENGTH,
    proxyUrl: '',
    password: '',
    label: '',
    state: 'waiting',
  }
}

/** Give each candidate without a proxy the next line of the list: one proxy, one bot. The server reads what it says. */
export function withProxies(candidates: readonly Candidate[], text: string): Candidate[] {
  const used = new Set(candidates.map((one) => one.proxyUrl))
  const free = text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(#|\/\/)/.test(line) && !used.has(line))
    .values()
  return candidates.map((one) =>
    one.proxyUrl === '' && !one.unusable ? { ...one, proxyUrl: free.next().value ?? '' } : one,
  )
}

function accountOf(text: string): string | undefined {
  try {
    const read: unknown = JSON.parse(text)
    if (typeof read !== 'object' || read === null || Array.isArray(read)) return undefined
    const name = (read as Record<string, unknown>)['account_name']
    return typeof name === 'string' ? name : ''
  } catch {
    return undefined
  }
}
