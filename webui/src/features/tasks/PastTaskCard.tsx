import type { OneTask } from '@/contract/history'
import type { TaskId } from '@/contract/ids'
import { refusalText } from '@/explain/reasons'
import { TaskCard } from '@/features/tasks/TaskCard'
import { pastUrl } from '@/history/ask'
import { taskOf } from '@/history/pastRows'
import { usePast } from '@/history/usePast'
import { useTexts } from '@/i18n/useTexts'
import card from '@/ui/Card.module.css'

/** The details of a task that has left the live state, read from the archive. */
export function PastTaskCard({ id }: { id: TaskId }) {
  const texts = useTexts()
  const { value, error } = usePast<OneTask>(pastUrl('task', { id }))
  if (value) return <TaskCard task={taskOf(value.task)} past />
  return (
    <p className={card.card} role="status">
      {error ? `${texts.past.failed} ${refusalText(error, texts)}` : texts.past.loading}
    </p>
  )
}
