import type { TaskStatus } from '@/contract/enums'
import type { Task } from '@/contract/rows'
import type { Lens } from '@/lists/view'
import { patterns } from '@/lists/words'

/** What is under way first, in the order of a task's life; what has ended below. */
export const TASK_GROUPS: readonly TaskStatus[] = [
  'accepted',
  'invited',
  'assigned',
  'created',
  'failed',
  'resolved',
  'disposed',
]

export function taskLens(search: string): Lens<Task> {
  const words = patterns(search)
  return {
    groups: TASK_GROUPS,
    groupOf: (task) => (words.every((word) => says(task, word)) ? task.status : undefined),
    compare: (a, b) => b.statusSince - a.statusSince,
    keyOf: (task) => task.id,
  }
}

function says(task: Task, word: RegExp): boolean {
  return word.test(task.item) || word.test(task.playerSteamId64) || word.test(task.id)
}
