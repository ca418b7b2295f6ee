import type { TaskStatus } from '@/contract/enums'
import type { Task } from '@/contract/rows'
import type { Grouping } from '@/lists/groups'
import { searchPatterns } from '@/lists/searchPatterns'

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

export const TASK_GROUPING: Grouping<Task> = {
  groups: TASK_GROUPS,
  groupOf: (task) => task.status,
  orderOf: (task) => -task.statusSince,
  keyOf: (task) => task.id,
}

/** The filter of a search: matches tasks that contain all its words; undefined when it is empty. */
export function taskMatcher(search: string, nameOf: (task: Task) => string): ((task: Task) => boolean) | undefined {
  const words = searchPatterns(search)
  return words.length === 0 ? undefined : (task) => words.every((word) => says(task, word, nameOf(task)))
}

function says(task: Task, word: RegExp, name: string): boolean {
  return word.test(task.item) || word.test(name) || word.test(task.playerSteamId64) || word.test(task.id)
}
