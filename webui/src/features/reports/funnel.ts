/** The stages of a funnel, in order, and what becomes of those that have passed the last one. */
import type { Count, Funnel } from '@/contract/history'
import { withQuery } from '@/history/ask'

/** Each is a part of the one before it. */
export const STAGES = ['created', 'invited', 'accepted', 'talked', 'agreed', 'traded'] as const
export type Stage = (typeof STAGES)[number]

/** What else is told of each number: of deals, what became of them; of tasks, what is not among the stages. */
export const BESIDE = ['settled', 'reversed', 'fellThrough', 'already', 'open'] as const

export interface FunnelStage {
  readonly name: Stage
  readonly count: Count
  readonly before: Count | undefined
}

export function funnelStages(funnel: Funnel): readonly FunnelStage[] {
  return STAGES.map((name, at) => ({
    name,
    count: funnel[name],
    before: at === 0 ? undefined : funnel[STAGES[at - 1]!],
  }))
}

/** Deals whose trade is still to be done, as a number with its rows. */
export function stillToTrade({ agreed, traded, fellThrough }: Funnel): Count {
  return { n: agreed.n - traded.n - fellThrough.n, rows: withQuery(agreed.rows, { stage: 'toTrade' }) }
}
