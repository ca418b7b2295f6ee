import { ActionIcon } from '@mantine/core'
import { ChecklistIcon, FilterIcon, PlusIcon, XIcon } from '@primer/octicons-react'
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react'

import { BulkBar } from '@/bulk/BulkBar'
import type { BulkRows } from '@/bulk/plan'
import type { TaskStatus } from '@/contract/enums'
import type { Task } from '@/contract/rows'
import { taskCommands } from '@/features/tasks/bulk'
import { findsTasks, TASKS } from '@/features/tasks/lens'
import { TaskRow } from '@/features/tasks/TaskRow'
import { useTexts } from '@/i18n/useTexts'
import { useSettled, useView } from '@/lists/useView'
import { useMay } from '@/session/roles'
import { groupFolded, taskChosen } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector, useAppStore } from '@/store/store'
import { CommandButton } from '@/ui/CommandButton'
import { Empty } from '@/ui/Empty'
import { GroupedList, type ListHandle } from '@/ui/GroupedList'
import { usePicks } from '@/ui/picks'
import place from '@/ui/Place.module.css'
import { SearchField } from '@/ui/SearchField'
import { signal } from '@/ui/signals'
import { useRowHeight } from '@/ui/useRowHeight'
import { useSteps } from '@/ui/useSteps'

const COLUMNS = {
  '--columns': 'minmax(220px, 1.2fr) 178px 152px minmax(90px, 0.4fr) minmax(160px, 1.4fr) 72px',
  '--columns-narrow': 'minmax(180px, 1fr) 178px 152px 72px',
} as object

/** All tasks, by status. `card` shows the one that is chosen. */
export function TaskPlace({ card }: { card: (task: Task) => ReactNode }) {
  const texts = useTexts()
  const store = useAppStore()
  const dispatch = useAppDispatch()
  const [search, setSearch] = useState('')
  const rowHeight = useRowHeight()
  const settled = useSettled(search)
  const folded = useAppSelector((state) => state.workspace.folded)
  const chosen = useAppSelector(({ workspace, replica }) =>
    workspace.task === null ? undefined : replica.tasks.get(workspace.task),
  )
  const known = useAppSelector((state) => state.replica.tasks.size)
  const shown = useView(
    'tasks',
    TASKS,
    useMemo(() => findsTasks(settled), [settled]),
  )
  const isFolded = useCallback(
    (group: string) => settled === '' && folded.includes(`tasks:${group}`),
    [folded, settled],
  )
  const list = useRef<ListHandle<Task>>(null)
  const mayDispose = useMay('DisposeTask')
  const picks = usePicks(keyOf, nameOf)
  const commands = useMemo(() => taskCommands(texts), [texts])
  const rows = useMemo(
    (): BulkRows<Task> => ({
      find: (key) => store.getState().replica.tasks.get(key),
      titleOf: (task) => task.item,
      detailOf: (task) => `${task.playerSteamId64} · ${texts.taskStatus[task.status]}`,
    }),
    [store, texts],
  )
  useSteps(
    shown,
    isFolded,
    (task) => task.id === chosen?.id,
    list,
    (task) => dispatch(taskChosen(task.id)),
  )
  return (
    <div className={place.place}>
      <section className={place.main} aria-label={texts.places.tasks} style={COLUMNS}>
        <div className={place.tools}>
          <SearchField
            value={search}
            onChange={setSearch}
            placeholder={texts.search.tasks}
            clearLabel={texts.search.clear}
          />
          <CommandButton command="CreateTask" size="xs" leftSection={<PlusIcon />} onClick={() => signal('newTask')}>
            {texts.task.new}
          </CommandButton>
        </div>
        <BulkBar picks={picks} shown={shown} rows={rows} commands={commands} />
        {shown.total > 0 && (
          <div className={place.head} aria-hidden>
            <span>{texts.task.item}</span>
            <span>{texts.task.price}</span>
            <span>{texts.task.player}</span>
            <span className={place.wide}>{texts.task.bot}</span>
            <span className={place.wide}>{texts.common.status}</span>
            <span />
          </div>
        )}
        <div className={place.list}>
          {shown.total > 0 ? (
            <GroupedList
              handle={list}
              {...(mayDispose ? { picks } : {})}
              current={chosen?.id ?? null}
              shown={shown}
              rowHeight={rowHeight}
              label={texts.places.tasks}
              groupLabel={(group) => texts.taskStatus[group as TaskStatus]}
              isFolded={isFolded}
              onFold={(group) => dispatch(groupFolded(`tasks:${group}`))}
              rowKey={keyOf}
              renderRow={(task) => <TaskRow task={task} chosen={task.id === chosen?.id} />}
            />
          ) : known === 0 ? (
            <Empty icon={ChecklistIcon} title={texts.empty.tasks} hint={texts.empty.tasksHint}>
              <CommandButton command="CreateTask" size="xs" onClick={() => signal('newTask')}>
                {texts.task.new}
              </CommandButton>
            </Empty>
          ) : (
            <Empty icon={FilterIcon} title={texts.empty.nothingFound} hint={texts.empty.nothingFoundHint} />
          )}
        </div>
      </section>
      {chosen && (
        <aside className={place.aside} aria-label={texts.chat.task}>
          <div className={place.asideHead}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={texts.common.close}
              onClick={() => dispatch(taskChosen(null))}
            >
              <XIcon />
            </ActionIcon>
          </div>
          {card(chosen)}
        </aside>
      )}
    </div>
  )
}

const keyOf = (task: Task) => task.id
const nameOf = (task: Task) => `${task.item}, ${task.playerSteamId64}`
