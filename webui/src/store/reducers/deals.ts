import type { DealStage } from '@/contract/enums'
import type { TaskId } from '@/contract/ids'
import { DEAL_MOVES, UNDO_MOVES } from '@/contract/limits'
import type { Deal, Task } from '@/contract/rows'
import { IllegalTransition, knownTask, type ReducersOf } from '@/store/reducers/slice'
import type { Drafts } from '@/store/replica'

type Rest = Partial<Omit<Deal, 'stage' | 'since' | 'by'>>

/** In the order of its fields, by which the server counts its sums. */
function made(stage: DealStage, since: number, by: string, rest: Rest): Deal {
  const { tradedAt = null, offerId = null, reversibleUntil = null, reason = null, note = null } = rest
  return { stage, since, by, tradedAt, offerId, reversibleUntil, reason, note }
}

type Kinds = 'task.traded' | 'task.fellThrough' | 'task.settled' | 'task.reversed' | 'task.outcomeUndone'

export const deals: ReducersOf<Kinds> = {
  'task.traded': (state, { taskId, offerId, reversibleUntil, note }, { ts, actor }) => {
    agreed(state, taskId, 'traded')
    const deal = made('traded', ts, actor, { tradedAt: ts, offerId, reversibleUntil, note })
    state.tasks.update(taskId, { deal })
  },

  'task.fellThrough': (state, { taskId, reason, detail }, { ts, actor }) => {
    agreed(state, taskId, 'fellThrough')
    state.tasks.update(taskId, { deal: made('fellThrough', ts, actor, { reason, note: detail }) })
  },

  'task.settled': (state, { taskId }, { ts, actor }) =>
    change(state, taskId, { stage: 'settled', since: ts, by: actor }),

  'task.reversed': (state, { taskId, note }, { ts, actor }) =>
    change(state, taskId, { stage: 'reversed', since: ts, by: actor, note }),

  'task.outcomeUndone': (state, { taskId }, { ts }) => {
    const task = knownTask(state, taskId)
    if (task.deal !== null) {
      state.tasks.update(taskId, { deal: before(task.deal) })
      return
    }
    const status = UNDO_MOVES[task.status]
    if (!task.byHand || status === undefined) {
      throw new IllegalTransition(`task ${taskId} is ${task.status}, and nobody has recorded that by hand`)
    }
    state.tasks.update(taskId, {
      status,
      statusSince: ts,
      chatId: null,
      agreedPrice: null,
      byHand: false,
      reopenedAt: ts,
      reason: null,
      detail: null,
      reasonSince: null,
      nextStep: null,
      waitingUntil: null,
    })
  },
}

/** The task, if its deal can go there. */
function agreed(state: Drafts, id: TaskId, to: DealStage): Task {
  const task = knownTask(state, id)
  const stage = task.deal?.stage ?? 'agreed'
  if (task.status !== 'resolved' || !DEAL_MOVES[stage].includes(to)) {
    throw new IllegalTransition(`the deal of task ${id} (${task.status}) cannot go from ${stage} to ${to}`)
  }
  return task
}

function change(state: Drafts, id: TaskId, to: Partial<Deal> & Pick<Deal, 'stage'>): void {
  const { deal } = agreed(state, id, to.stage)
  if (deal !== null) state.tasks.update(id, { deal: { ...deal, ...to } })
}

/** What the deal was before its last stage was recorded. */
function before(deal: Deal): Deal | null {
  if (deal.stage !== 'reversed' || deal.tradedAt === null) return null
  return { ...deal, stage: 'traded', since: deal.tradedAt, note: null }
}
