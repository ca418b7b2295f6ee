import { ChecklistIcon, PlusIcon } from '@primer/octicons-react'
import { type CSSProperties, type ReactNode, useCallback, useMemo } from 'react'

import { BulkBar } from '@/bulk/BulkBar'
import type { BulkRows } from '@/bulk/plan'
import type { TaskStatus } from '@/contract/enums'
import type { TaskId } from '@/contract/ids'
import type { Task } from '@/contract/rows'
import { playerLabel, playerName } from '@/explain/player'
import { taskCommands } from '@/features/tasks/bulk'
import { taskMatcher, TASK_GROUPING } from '@/features/tasks/grouping'
import { TaskRow } from '@/features/tasks/TaskRow'
import { useTexts } from '@/i18n/useTexts'
import { useMay } from '@/session/roles'
import { taskChosen } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector, useAppStore } from '@/store/store'
import { CommandButton } from '@/ui/CommandButton'
import { ListPlace } from '@/ui/ListPlace'
import styles from '@/ui/ListPlace.module.css'
import { useRowSelection } from '@/ui/selection'
import { emit } from '@/ui/uiEvents'

const COLUMNS = {
  '--columns': 'minmax(220px, 1.2fr) 178px 152px minmax(90px, 0.4fr) minmax(160px, 1.4fr) 72px',
  '--columns-narrow': 'minmax(180px, 1fr) 178px 152px 72px',
} as CSSProperties

interface Props {
  /** What has come of today's tasks, above them. */
  readonly strip: ReactNode
  /** Shows the task that is chosen. */
  readonly card: (task: Task) => ReactNode
  /** The same for one that has left the live state. */
  readonly pastCard: (id: TaskId) => ReactNode
}

/** All tasks, by status. */
export function TaskPlace({ strip, card, pastCard }: Props) {
  const texts = useTexts()
  const store = useAppStore()
  const dispatch = useAppDispatch()
  const wanted = useAppSelector(({ workspace }) => workspace.task)
  const chosen = useAppSelector(({ replica }) => (wanted === null ? undefined : replica.tasks.get(wanted)))
  const selectable = useMay('DisposeTask')
  const selection = useRowSelection(TASK_GROUPING.keyOf, nameOf)
  const commands = useMemo(() => taskCommands(texts), [texts])
  const rows = useMemo(
    (): BulkRows<Task> => ({
      find: (key) => store.getState().replica.tasks.get(key),
      titleOf: (task) => task.item,
      detailOf: (task) =>
        `${playerLabel(task.playerSteamId64, store.getState().replica.players)} · ${texts.taskStatus[task.status]}`,
    }),
    [store, texts],
  )
  const matcher = useCallback(
    (search: string) =>
      taskMatcher(search, (task) => playerName(task.playerSteamId64, store.getState().replica.players)),
    [store],
  )
  return (
    <ListPlace
      name="tasks"
      strip={strip}
      grouping={TASK_GROUPING}
      matcher={matcher}
      icon={ChecklistIcon}
      groupLabel={(group) => texts.taskStatus[group as TaskStatus]}
      columns={COLUMNS}
      head={
        <>
          <span>{texts.task.item}</span>
          <span>{texts.task.price}</span>
          <span>{texts.task.player}</span>
          <span className={styles.wide}>{texts.task.bot}</span>
          <span className={styles.wide}>{texts.common.status}</span>
          <span />
        </>
      }
      renderRow={(task, isChosen) => <TaskRow task={task} chosen={isChosen} />}
      add={(where) => (
        <CommandButton
          command="CreateTask"
          size="xs"
          {...(where === 'tools' ? { leftSection: <PlusIcon /> } : {})}
          onClick={() => emit('newTask')}
        >
          {texts.task.new}
        </CommandButton>
      )}
      selection={selection}
      selectable={selectable}
      bulkBar={(shown) => <BulkBar selection={selection} shown={shown} rows={rows} commands={commands} />}
      chosen={chosen}
      wanted={wanted}
      onChoose={(task) => dispatch(taskChosen(task?.id ?? null))}
      card={card}
      absent={wanted === null ? undefined : pastCard(wanted)}
      cardLabel={texts.chat.task}
    />
  )
}

const nameOf = (task: Task) => `${task.item}, ${task.playerSteamId64}`
