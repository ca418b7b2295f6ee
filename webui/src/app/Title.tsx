import { useTableView } from '@/lists/useView'
import { countNeedingMe, QUEUE_GROUPING, queueTable } from '@/queue/queue'

/** The tab's title, with the number of chats that need this operator. */
export function Title() {
  const count = countNeedingMe(useTableView(queueTable, QUEUE_GROUPING))
  return <title>{count > 0 ? `(${count}) Switchboard` : 'Switchboard'}</title>
}
