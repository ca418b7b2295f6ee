/** What was stored, made to fit: anything that is not of the form of its default falls back to it. */
import { PANES, PLACES, type Workspace } from '@/store/slices/workspace'

/** The fields that are one of a few values; all others are judged by the form of their default. */
const CHOICES: Readonly<Record<string, readonly unknown[]>> = {
  place: PLACES,
  chatFilter: ['all', 'mine', 'unread', 'unseen'] satisfies readonly Workspace['chatFilter'][],
  language: ['en', 'ru', null] satisfies readonly Workspace['language'][],
  scope: ['mine', 'mineAndNobodys'] satisfies readonly Workspace['alerts']['scope'][],
}
const LONGEST = 200

/** The workspace of what a storage gave, whatever that is; `standard` is what is taken where it does not fit. */
export function fittedWorkspace(standard: Workspace, given: unknown): Workspace {
  const read = fitted(standard, given, '')
  return { ...read, panes: [...new Set(read.panes)].slice(0, PANES) }
}

/** A default of null stands for a text or nothing, one of a list for a list of texts. */
export function fitted<T>(standard: T, given: unknown, name: string): T
export function fitted(standard: unknown, given: unknown, name: string): unknown {
  const choices = Object.hasOwn(CHOICES, name) ? CHOICES[name] : undefined
  if (choices !== undefined) return choices.includes(given) ? given : standard
  if (standard === null) return isText(given) ? given : null
  if (Array.isArray(standard)) {
    const whole: unknown = standard
    return Array.isArray(given) ? (given as unknown[]).filter(isText).slice(0, LONGEST) : whole
  }
  if (typeof standard === 'object') {
    if (!isRecord(given)) return standard
    return Object.fromEntries(Object.entries(standard).map(([key, value]) => [key, fitted(value, given[key], key)]))
  }
  if (typeof standard === 'number' && !(Number.isFinite(given) && (given as number) >= 0)) return standard
  return typeof given === typeof standard ? given : standard
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST
}
