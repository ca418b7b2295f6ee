/** What the figures of a report are called. */
import { actorName } from '@/explain/explain'
import type { Texts } from '@/i18n/en/texts'
import { precise } from '@/i18n/time'

/** Why a task failed, short enough to stand beside a bar; the server's own code where the page knows none. */
export function reasonName(reason: string | null | undefined, texts: Texts): string {
  if (reason == null || reason === '') return texts.report.noReason
  const own = <T>(of: Readonly<Record<string, T>>) => (Object.hasOwn(of, reason) ? of[reason] : undefined)
  return (
    own(texts.report.reasons) ??
    own<string>(texts.deal.fallsThrough) ??
    own<{ readonly why: string }>(texts.explain.taskReasons)?.why ??
    own<string>(texts.refusals) ??
    reason
  )
}

/** Why an agent was switched off. */
export function handoverName(why: string, texts: Texts): string {
  const known: Readonly<Record<string, string>> = texts.chat.agentOffWhy
  const name = Object.hasOwn(known, why) ? known[why]! : why
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}

/** An actor of a report: nobody where it names none, all players as one. */
export function whoName(who: string, texts: Texts): string {
  if (who === '') return texts.report.nobody
  return who === 'player' ? texts.report.player : actorName(who, texts)
}

/** How long something took. */
export function lasting(ms: number | null | undefined, texts: Texts): string {
  if (ms == null) return '–'
  return ms < 1_000 ? texts.report.lessThanSecond : precise(ms, texts)
}
