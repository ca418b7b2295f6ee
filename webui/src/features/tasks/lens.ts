import type { TaskStatus } from '@/contract/enums'
import type { Task } from '@/contract/rows'
import type { Lens } from '@/lists/view'

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
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return {
    groups: TASK_GROUPS,
    groupOf: (task) => (words.every((word) => says(task, word)) ? task.status : undefined),
    compare: (a, b) => b.statusSince - a.statusSince,
    keyOf: (task) => task.id,
  }
}

function says(task: Task, word: string): boolean {
  return task.playerSteamId64.includes(word) || task.id.includes(word) || task.item.toLowerCase().includes(word)
}
