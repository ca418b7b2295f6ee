/** The bulk commands for tasks. */
import type { BulkCommand } from '@/bulk/plan'
import { send } from '@/commands/send'
import { OPEN_TASKS } from '@/contract/limits'
import type { Task } from '@/contract/rows'
import type { Texts } from '@/i18n/en/texts'

export function taskCommands(texts: Texts): readonly BulkCommand<Task>[] {
  return [
    {
      kind: 'DisposeTask',
      label: texts.task.dispose,
      danger: true,
      title: texts.bulk.dispose,
      hint: texts.task.disposeHint,
      reason: texts.task.reason,
      unfit: ({ status }) => (OPEN_TASKS.includes(status) ? undefined : texts.bulk.ended(texts.taskStatus[status])),
      give: ({ id }, commandId, reason) => send('DisposeTask', { taskId: id, reason }, commandId),
    },
  ]
}
