/** What a report is asked about: its days and filters, as they stand in the page's address. */
import type { Count } from '@/contract/history'
import { pastUrl, type Query } from '@/history/ask'
import { type Days, daysOf, isDay } from '@/history/days'
import { addressAt } from '@/store/addresses'

export const FILTERS = ['item', 'currency', 'agent', 'operator', 'botId'] as const
export type FilterName = (typeof FILTERS)[number]
export type Filters = Readonly<Partial<Record<FilterName, string>>>

export interface ReportQuery {
  /** Undefined: the seven days up to today, whichever the server says that is. */
  readonly days: Days | undefined
  readonly filters: Filters
  /** The rows of one of its numbers, as `tasks?…`, and what that number is called. */
  readonly rows: string | undefined
  readonly of: string
}

/** What somebody has typed into the address, or a link has: what makes no sense is passed over. */
export function reportQuery(asked: URLSearchParams): ReportQuery {
  const [first, last] = [asked.get('firstDay'), asked.get('lastDay')]
  const filters: Partial<Record<FilterName, string>> = {}
  for (const name of FILTERS) {
    const value = asked.get(name)
    if (value !== null && value !== '') filters[name] = value
  }
  const rows = asked.get('rows')
  return {
    days: isDay(first) && isDay(last) && first <= last ? { first, last } : undefined,
    filters,
    rows: rows !== null && /^(?:tasks|chats|messages)(?:\?|$)/.test(rows) ? rows : undefined,
    of: asked.get('of') ?? '',
  }
}

/** The question that a report answers. */
export function reportUrl({ days, filters }: Pick<ReportQuery, 'days' | 'filters'>, today: string, more: Query = {}) {
  const { first, last } = days ?? daysOf('week', today)
  return pastUrl('report', { firstDay: first, lastDay: last, ...filters, ...more })
}

/** Where a report stands on the page. */
export function reportAddress({ days, filters }: Pick<ReportQuery, 'days' | 'filters'>): string {
  return addressAt('reports', queryOf(fieldsOf({ days, filters })))
}

/** Where the rows of one of its numbers stand. */
export function rowsAddress(
  { days, filters }: Pick<ReportQuery, 'days' | 'filters'>,
  count: Count,
  of: string,
): string {
  return addressAt('reports', queryOf({ ...fieldsOf({ days, filters }), rows: rowsOf(count), of }))
}

/** The question that names the rows, without what all of them begin with. */
export function rowsOf(count: Count): string {
  return count.rows.replace('/api/history/', '')
}

function fieldsOf({ days, filters }: Pick<ReportQuery, 'days' | 'filters'>) {
  return { firstDay: days?.first, lastDay: days?.last, ...filters }
}

function queryOf(fields: Readonly<Record<string, string | undefined>>): string {
  const asked = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== '') asked.set(name, value)
  const text = asked.toString()
  return text === '' ? '' : `?${text}`
}
