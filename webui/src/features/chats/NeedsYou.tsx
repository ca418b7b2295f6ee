import { Button, Kbd } from '@mantine/core'
import { CheckCircleIcon } from '@primer/octicons-react'

import styles from '@/features/chats/NeedsYou.module.css'
import { useTexts } from '@/i18n/useTexts'
import { useTableView } from '@/lists/useView'
import { NEED_KINDS } from '@/queue/needs'
import { countNeedingMe, nextNeedingMe, QUEUE_GROUPING, type QueueRow, queueTable } from '@/queue/queue'
import { chatOpened } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { EmptyState } from '@/ui/EmptyState'
import { NeedChip } from '@/ui/NeedChip'
import { PlayerName } from '@/ui/PlayerName'

const SHOWN = 8

/** Where no chat is open: who needs this operator, the longest wait first; or that nobody does. */
export function NeedsYou() {
  const texts = useTexts()
  const dispatch = useAppDispatch()
  const shown = useTableView(queueTable, QUEUE_GROUPING)
  const rowsOf = (group: string) => shown.groups.find(({ name }) => name === group)?.rows ?? []
  const count = countNeedingMe(shown)
  const next = nextNeedingMe(shown, null)
  if (next === undefined)
    return (
      <EmptyState
        icon={CheckCircleIcon}
        title={texts.queue.nobody}
        hint={texts.queue.nobodyHint(rowsOf('agent').length)}
      />
    )
  const first = [...rowsOf('mine').slice(0, SHOWN), ...rowsOf('nobodys').slice(0, SHOWN)].slice(0, SHOWN)
  return (
    <section className={styles.needs} aria-label={texts.queue.title(count)}>
      <header>
        <h2>{texts.queue.title(count)}</h2>
        <Button size="xs" rightSection={<Kbd size="xs">W</Kbd>} onClick={() => dispatch(chatOpened(next))}>
          {texts.queue.next}
        </Button>
      </header>
      <ul>
        {first.map((row) => (
          <Line key={row.id} row={row} onOpen={() => dispatch(chatOpened(row.id))} />
        ))}
      </ul>
    </section>
  )
}

function Line({ row, onOpen }: { row: QueueRow; onOpen: () => void }) {
  const heard = row.messages.findLast(({ from }) => from === 'player')
  const item = useAppSelector((state) => (row.taskId === null ? undefined : state.replica.tasks.get(row.taskId)?.item))
  const kinds = NEED_KINDS.filter((kind) => row.needs.some((need) => need.kind === kind))
  return (
    <li>
      <button type="button" onClick={onOpen}>
        <span className={styles.who}>
          <PlayerName steamId64={row.playerSteamId64} />
        </span>
        {item !== undefined && <bdi className={styles.item}>{item}</bdi>}
        <bdi className={styles.said}>{heard?.text}</bdi>
        {kinds.map((kind) => (
          <NeedChip key={kind} need={row.needs.find((need) => need.kind === kind)!} />
        ))}
      </button>
    </li>
  )
}
