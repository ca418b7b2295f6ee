import { useState } from 'react'

import type { AgentOff, Chat } from '@/contract/rows'
import { priceRange } from '@/explain/explain'
import { lastOffered, lastSaidPrice } from '@/explain/prices'
import styles from '@/features/multichat/Standing.module.css'
import { span } from '@/i18n/time'
import { needsOf } from '@/queue/needs'
import { isPerson } from '@/session/actor'
import { useAppSelector } from '@/store/store'
import { useWords } from '@/ui/useWords'

/** Where the deal stands, in one line and from facts alone: for whoever has taken the chat over, or is about to. */
export function Standing({ chat }: { chat: Chat }) {
  const { texts, now } = useWords()
  const task = useAppSelector((state) => (chat.taskId === null ? undefined : state.replica.tasks.get(chat.taskId)))
  const stopped = useWhyStopped(chat)
  if (chat.status !== 'open' || chat.agentEnabled || task === undefined) return null
  const offered = lastOffered(chat.messages, task)
  const asked = lastSaidPrice(chat.messages, task)
  const waits = needsOf(chat, undefined).find(({ kind }) => kind === 'waits')
  const money = (price: string) => `${price} ${task.currency}`
  const facts = [
    offered.length === 0
      ? texts.standing.notOffered(priceRange(task))
      : texts.standing.offered(money(offered.join(' – '))),
    asked === undefined ? texts.standing.notAsked : texts.standing.asked(money(asked)),
    ...(task.agreedPrice === null ? [] : [texts.standing.agreed(money(task.agreedPrice))]),
    ...(stopped === undefined ? [] : [texts.standing.stopped(texts.chat.agentOffWhy[stopped.why])]),
    ...(waits === undefined ? [] : [texts.standing.waits(span(Math.max(0, now - waits.since), texts))]),
  ]
  return (
    <p className={styles.line} role="note" aria-label={texts.standing.title} title={facts.join(' · ')}>
      {facts.map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
    </p>
  )
}

/** Why the agent stopped before a person came: the row says it until then, and this page remembers it. */
function useWhyStopped({ id, agentOff, agentEnabled, owner }: Chat): AgentOff | undefined {
  const [before, setBefore] = useState<{ readonly id: string; readonly off: AgentOff }>()
  const failed = agentOff !== null && agentOff.why !== 'operator' && !isPerson(owner) ? agentOff : undefined
  if (failed !== undefined && (before?.id !== id || before.off !== failed)) setBefore({ id, off: failed })
  if (agentEnabled && before !== undefined) setBefore(undefined)
  return failed ?? (before?.id === id ? before.off : undefined)
}
