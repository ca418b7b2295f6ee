/** The check of proxies: asked for, followed, and put into the page's words. */
import { type CommandError, sendForm } from '@/commands/send'
import { explainReason } from '@/explain/reasons'
import type { Texts } from '@/i18n/en/texts'

const ROUTE = '/api/plugins/steam/proxy-check'

/** What came of one proxy, as the server tells it; never with its password. */
export interface ProxyReport {
  readonly proxy: string
  readonly ok: boolean
  readonly told: string
  readonly line?: number
  readonly botId?: string
  /** Milliseconds until Steam's directory had answered. */
  readonly ms?: number
  /** The address by which it leaves; missing where nobody says. */
  readonly exit?: string
  readonly code?: string
}

export interface CheckProgress {
  readonly running: boolean
  readonly total: number
  readonly done: number
  readonly rows: readonly ProxyReport[]
}

interface Started extends CheckProgress {
  readonly error?: CommandError
}

/** Begin a check: of a list, or of the bots' own proxies where there is none. */
export async function startCheck(list: string): Promise<Started | { readonly error: CommandError }> {
  return sendForm<Started>(ROUTE, list.trim() === '' ? {} : { proxies: list })
}

/** How far it is, with every row; undefined when the server does not say. */
export async function readCheck(signal: AbortSignal): Promise<CheckProgress | undefined> {
  const rows: ProxyReport[] = []
  try {
    for (;;) {
      const response = await fetch(`${ROUTE}?after=${rows.length}`, { credentials: 'same-origin', signal })
      if (!response.ok) return undefined
      const page = (await response.json()) as CheckProgress
      rows.push(...page.rows)
      if (page.rows.length === 0 || rows.length >= page.done) return { ...page, rows }
    }
  } catch {
    return undefined
  }
}

/** Those that fail first, then in the order of their list. */
export function inOrder(rows: readonly ProxyReport[]): ProxyReport[] {
  return rows.toSorted((one, other) => Number(one.ok) - Number(other.ok) || (one.line ?? 0) - (other.line ?? 0))
}

/** What the matter is with a proxy, or what is not known of it. */
export function explainReport(report: ProxyReport, texts: Texts): string {
  if (report.ok) return report.exit === undefined ? texts.proxyCheck.exitUnknown : texts.proxyCheck.fine
  const { why, said } = explainReason(
    report.code ?? null,
    report.told,
    texts.explain.botReasons,
    texts.proxyCheck.failed,
    texts,
  )
  return said === undefined ? why : texts.quoted(why, said)
}
