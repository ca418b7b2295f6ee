import type { TaskStatus } from '@/contract/enums'
import type { TaskId } from '@/contract/ids'
import { OPEN_TASKS, TASK_MOVES } from '@/contract/limits'
import type { Task } from '@/contract/rows'
import { IllegalTransition, knownBot, knownTask, type ReducersOf } from '@/store/reducers/slice'
import type { Drafts } from '@/store/replica'

type Kinds = 'task.created' | 'task.assigned' | 'task.statusChanged' | 'task.waiting' | 'task.archived'

export const tasks: ReducersOf<Kinds> = {
  'task.created': (state, event, { ts, actor }) => {
    if (state.tasks.has(event.taskId)) throw new IllegalTransition(`task ${event.taskId} is there already`)
    state.tasks.put(event.taskId, {
      id: event.taskId,
      playerSteamId64: event.playerSteamId64,
      item: event.item,
      priceMin: event.priceMin,
      priceMax: event.priceMax,
      currency: event.currency,
      language: event.language,
      status: 'created',
      statusSince: ts,
      createdAt: ts,
      createdBy: actor,
      assignedBotId: null,
      chatId: null,
      reason: null,
      detail: null,
      reasonSince: null,
      nextStep: null,
      waitingUntil: null,
      agreedPrice: null,
      inviteAttempts: 0,
      byHand: false,
      deal: null,
      reopenedAt: null,
    })
  },

  'task.assigned': (state, event, { ts, seq }) => {
    knownBot(state, event.botId)
    moveTask(state, ts, event.taskId, 'assigned', { assignedBotId: event.botId })
    state.bots.update(event.botId, { assignedSeq: seq })
  },

  'task.statusChanged': (state, event, { ts }) =>
    moveTask(state, ts, event.taskId, event.status, {
      reason: event.reason,
      detail: event.detail,
      byHand: event.byHand,
      ...(event.agreedPrice === null ? {} : { agreedPrice: event.agreedPrice }),
      ...(event.status === 'created' ? { assignedBotId: null } : {}),
    }),

  'task.archived': (state, event) => {
    for (const id of event.taskIds) {
      if (OPEN_TASKS.includes(knownTask(state, id).status) || state.invites.has(id)) {
        throw new IllegalTransition(`task ${id} is open or has an invite, and cannot be archived`)
      }
      state.tasks.drop(id)
    }
  },

  'task.waiting': (state, event, { ts }) => {
    const task = knownTask(state, event.taskId)
    state.tasks.update(event.taskId, {
      reason: event.reason,
      detail: event.detail,
      reasonSince: task.reason === event.reason ? task.reasonSince : ts,
      nextStep: event.nextStep,
      waitingUntil: event.until,
    })
  },
}

function moveTask(state: Drafts, ts: number, id: TaskId, to: TaskStatus, fields: Partial<Task>): void {
  const task = knownTask(state, id)
  if (!TASK_MOVES[task.status].includes(to)) {
    throw new IllegalTransition(`task ${id} cannot go from ${task.status} to ${to}`)
  }
  const reasonSince = (fields.reason ?? null) === null ? null : ts
  const explained = { reason: null, detail: null, reasonSince, nextStep: null, waitingUntil: null }
  state.tasks.update(id, { status: to, statusSince: ts, ...explained, ...fields })
}
