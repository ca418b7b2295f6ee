/** Canned replies: their variables in braces, replaced by values of the chat, and the search among them. */
import { REPLY_VARIABLES, type ReplyVariable } from '@/contract/enums'
import type { Bot, CannedReply, Task } from '@/contract/rows'

/** The value of each variable in a chat; undefined where it has none. */
export type ReplyValues = Readonly<Record<ReplyVariable, string | undefined>>

export function replyValues(task: Task | undefined, bot: Bot | undefined, me: string | undefined): ReplyValues {
  return {
    item: task?.item,
    priceMin: task?.priceMin,
    priceMax: task?.priceMax,
    currency: task?.currency,
    agreedPrice: task?.agreedPrice ?? undefined,
    bot: bot?.label ?? undefined,
    operator: me?.slice(me.indexOf(':') + 1),
  }
}

const VARIABLE = new RegExp(`\\{(${REPLY_VARIABLES.join('|')})\\}`, 'g')

/** The text with all variables replaced; one without a value stays as it is, for the operator to see. */
export function fillReply(text: string, values: ReplyValues): string {
  return text.replace(VARIABLE, (braces, name: ReplyVariable) => values[name] ?? braces)
}

/** The position of the first variable that was not replaced. */
export function firstUnfilled(text: string): { readonly start: number; readonly end: number } | undefined {
  const start = text.search(VARIABLE)
  return start < 0 ? undefined : { start, end: text.indexOf('}', start) + 1 }
}

/** Those whose title, or else whose text, has what was typed: titles that begin with it first, then by title. */
export function matchingReplies(replies: Iterable<CannedReply>, typed: string): CannedReply[] {
  const wanted = typed.trim().toLocaleLowerCase()
  const rank = ({ title, text }: CannedReply) => {
    const name = title.toLocaleLowerCase()
    if (name.startsWith(wanted)) return 0
    return name.includes(wanted) ? 1 : text.toLocaleLowerCase().includes(wanted) ? 2 : 3
  }
  return [...replies]
    .map((reply) => ({ reply, rank: rank(reply) }))
    .filter(({ rank }) => rank < 3)
    .sort((a, b) => a.rank - b.rank || a.reply.title.localeCompare(b.reply.title))
    .map(({ reply }) => reply)
}
