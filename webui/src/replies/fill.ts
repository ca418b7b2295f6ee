/** Canned replies put into words: variables in braces give way to what the chat at hand has for them. */
import { REPLY_VARIABLES, type ReplyVariable } from '@/contract/enums'
import type { Bot, CannedReply, Task } from '@/contract/rows'

/** What a chat has for each variable; undefined where it has nothing. */
export type Values = Readonly<Record<ReplyVariable, string | undefined>>

export function valuesOf(task: Task | undefined, bot: Bot | undefined, me: string | undefined): Values {
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

/** The text with all values put in; a variable without one stays as it is, for the operator to see. */
export function fill(text: string, values: Values): string {
  return text.replace(VARIABLE, (braces, name: ReplyVariable) => values[name] ?? braces)
}

/** Where the first variable stands that nothing was put in for. */
export function firstUnfilled(text: string): { readonly start: number; readonly end: number } | undefined {
  const start = text.search(VARIABLE)
  return start < 0 ? undefined : { start, end: text.indexOf('}', start) + 1 }
}

/** Those whose title, or else whose text, has what was typed: titles that begin with it first, then by title. */
export function matching(replies: Iterable<CannedReply>, typed: string): CannedReply[] {
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
