/** Sentences for the codes that the server gives, in the page's language, with its own words where they say more. */
import type { CommandError } from '@/commands/send'
import type { RefusalCode } from '@/contract/enums'
import type { Message } from '@/contract/rows'
import type { ReasonText } from '@/i18n/en/reasons'
import type { Texts } from '@/i18n/en/texts'

/** Why something is so. `said`: the words of somebody else about it, to be shown as a quotation. */
export interface Reason {
  readonly why: string
  readonly next?: string
  readonly said?: string
}

/**
 * A reason by its code. Where the server speaks the page's language, its sentence is shown as it is: it knows names and
 * numbers. Elsewhere it is quoted after the page's own; a `usual` sentence stands for a code that the page does not know.
 * `step`: what the server says that a person can do.
 */
export function explainReason(
  code: string | null,
  detail: string | null,
  reasons: Readonly<Record<string, ReasonText>>,
  usual: string,
  texts: Texts,
  step: string | null = null,
): Reason {
  const own = code === null ? undefined : (known(reasons, code) ?? refused(code, texts))
  const todo = texts.serverSpeaks ? (step ?? own?.next) : (own?.next ?? step ?? undefined)
  const next = todo === undefined ? {} : { next: todo }
  if (!detail) return { why: own?.why ?? usual, ...next }
  if (texts.serverSpeaks) return { why: detail, ...next }
  return { why: own?.why ?? usual, ...next, said: detail }
}

/** Why a message was not sent, may not have arrived, or waits; undefined where nothing is to be said about it. */
export function explainDelivery(
  { delivery, reason, error }: Pick<Message, 'delivery' | 'reason' | 'error'>,
  texts: Texts,
): Reason | undefined {
  const { messageReasons, messageFailed, messageWaits, waitingReasons } = texts.explain
  if (delivery === 'failed') return explainReason(reason, error, messageReasons, messageFailed, texts)
  if (delivery === 'inDoubt') return explainReason('inDoubt', error, messageReasons, messageFailed, texts)
  if (reason === null) return undefined
  if (delivery === 'sending') return { why: messageReasons.unanswered.why }
  return delivery === 'queued' ? explainReason(reason, error, waitingReasons, messageWaits, texts) : undefined
}

/** What was said against a command, as one text. */
export function refusalText(error: CommandError, texts: Texts): string {
  if (error.code === 'network') return texts.refusals.network
  if (texts.serverSpeaks) return error.message || (refused(error.code, texts)?.why ?? texts.refusalUnknown)
  const own = refused(error.code, texts)
  if (own === undefined) return error.message ? texts.quoted(texts.refusalUnknown, error.message) : texts.refusalUnknown
  return SAYS_MORE.has(error.code) && error.message ? texts.quoted(own.why, error.message) : own.why
}

/** The refusals whose sentence names what the code does not: a part, a number, a name, what a program has said. */
const SAYS_MORE: ReadonlySet<string> = new Set<RefusalCode>([
  'invalidCommand',
  'invalidEnvelope',
  'invalidJson',
  'unknownCommand',
  'idReused',
  'handlerFailed',
  'guardFailed',
  'guardMissing',
  'rejected',
  'notDurable',
  'notKnown',
  'notOnDiskYet',
  'weakPassword',
  'invalidForm',
  'secretsNotSaved',
  'botExists',
  'maFile.contradictory',
  'maFile.encrypted',
  'maFile.invalidField',
  'maFile.missingField',
  'maFile.notJson',
  'maFile.steamIdMissing',
  'passwords.malformed',
  'proxy.credentials',
  'proxy.host',
  'proxy.malformed',
  'proxyTaken',
  'playerBusy',
  'inviteRefused',
  'messageRefused',
  'messageTooLong',
  'steamBusy',
  'pluginBroken',
  'internal',
])

function refused(code: string, texts: Texts): ReasonText | undefined {
  const why = known<string>(texts.refusals, code)
  return why === undefined ? undefined : { why }
}

function known<T>(table: Readonly<Record<string, T>>, code: string): T | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined
}
