import type { TaskStatus } from '@/contract/enums'
import type { Task } from '@/contract/rows'
import type { Lens } from '@/lists/groups'
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

export const TASKS: Lens<Task> = {
  groups: TASK_GROUPS,
  groupOf: (task) => task.status,
  orderOf: (task) => -task.statusSince,
  keyOf: (task) => task.id,
}

/** Tells the tasks that say all the words; undefined when there are none, and all tasks are shown. */
export function findsTasks(search: string): ((task: Task) => boolean) | undefined {
  const words = patterns(search)
  return words.length === 0 ? undefined : (task) => words.every((word) => says(task, word))
}

function says(task: Task, word: RegExp): boolean {
  return word.test(task.item) || word.test(task.playerSteamId64) || word.test(task.id)
}
