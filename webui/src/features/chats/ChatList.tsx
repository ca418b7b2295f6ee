import { Button, SegmentedControl } from '@mantine/core'
import { ChecklistIcon, CommentDiscussionIcon, FilterIcon } from '@primer/octicons-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'

import { BulkBar } from '@/bulk/BulkBar'
import type { BulkRows } from '@/bulk/plan'
import { sendIdempotent } from '@/commands/send'
import { botName } from '@/explain/explain'
import { playerLabel, playerName } from '@/explain/player'
import { chatCommands } from '@/features/chats/bulk'
import styles from '@/features/chats/ChatList.module.css'
import { ChatRow } from '@/features/chats/ChatRow'
import { chatMatcher } from '@/features/chats/grouping'
import { neighbour, type Step } from '@/features/chats/neighbour'
import { useTexts } from '@/i18n/useTexts'
import { useDebounced, useTableView } from '@/lists/useView'
import { QUEUE_GROUPING, type QueueGroup, queueGroup, type QueueRow, queueTable } from '@/queue/queue'
import { concernsMe, type Reading, unread } from '@/reading/unread'
import { readingOf, useReading } from '@/reading/useReading'
import { useMe } from '@/session/identity'
import { useMay } from '@/session/roles'
import { addressAt } from '@/store/addresses'
import { chatFilterChosen, chatOpened, groupFolded } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector, useAppStore } from '@/store/store'
import { EmptyState } from '@/ui/EmptyState'
import { GroupedList, type ListHandle } from '@/ui/GroupedList'
import { SearchField } from '@/ui/SearchField'
import { useRowSelection } from '@/ui/selection'
import { useUiEvent } from '@/ui/uiEvents'

const ROW_PX = 74

/** All chats, by who leads them; the ones that wait for a person on top. */
export function ChatList() {
  const texts = useTexts()
  const me = useMe()
  const store = useAppStore()
  const dispatch = useAppDispatch()
  const [search, setSearch] = useState('')
  const settled = useDebounced(search)
  const filter = useAppSelector((state) => state.workspace.chatFilter)
  const folded = useAppSelector((state) => state.workspace.folded)
  const reading = useReading()
  const active = useAppSelector((state) => state.workspace.active)
  const sideBySide = useAppSelector((state) => state.workspace.sideBySide)
  const panes = useAppSelector((state) => state.workspace.panes)
  const known = useAppSelector((state) => state.replica.chats.size)
  const list = useRef<ListHandle<QueueRow>>(null)

  // What was read, and what is open, matters to which chats are shown only where that is asked for.
  const byReading = filter === 'unread' || filter === 'unseen'
  const matcherReading = byReading ? reading : UNREAD
  const keep = byReading ? active : null
  const matcher = useMemo(
    () =>
      chatMatcher({
        search: settled,
        filter,
        me,
        reading: matcherReading,
        keep,
        taskOf: (chat) => (chat.taskId === null ? undefined : store.getState().replica.tasks.get(chat.taskId)),
        playerNameOf: (chat) => playerName(chat.playerSteamId64, store.getState().replica.players),
        botNameOf: (chat) => {
          const bot = store.getState().replica.bots.get(chat.botId)
          return bot === undefined ? '' : botName(bot)
        },
      }),
    [settled, filter, me, matcherReading, keep, store],
  )
  const shown = useTableView(queueTable, QUEUE_GROUPING, matcher)
  const isFolded = useCallback(
    (group: string) => settled === '' && filter === 'all' && folded.includes(`chats:${group}`),
    [folded, settled, filter],
  )

  const mayLead = useMay('ToggleAgent')
  const selection = useRowSelection(keyOf, nameOf)
  const commands = useMemo(() => chatCommands(texts, me, () => readingOf(store.getState(), me)), [texts, me, store])
  const rows = useMemo((): BulkRows<QueueRow> => {
    const replica = () => store.getState().replica
    return {
      find: (key) => queueTable(store).get(key),
      titleOf: (chat) =>
        replica().tasks.get(chat.taskId ?? '')?.item ?? playerLabel(chat.playerSteamId64, replica().players),
      detailOf: (chat) =>
        `${playerLabel(chat.playerSteamId64, replica().players)} · ${texts.chatGroup[queueGroup(chat)]}`,
    }
  }, [store, texts])

  const go = (step: Step) => {
    const rows = shown.groups.flatMap(({ name, rows }) => (isFolded(name) ? [] : rows))
    const next = neighbour(rows, active, step, (chat) => concernsMe(chat, me) && unread(chat, reading) > 0)
    if (next === undefined) return
    dispatch(chatOpened(next.id))
  }
  useEffect(() => {
    const row = active === null ? undefined : queueTable(store).get(active)
    if (row !== undefined) list.current?.reveal(row)
  }, [active, store])
  useUiEvent('nextChat', () => go('next'))
  useUiEvent('previousChat', () => go('previous'))
  useUiEvent('nextUnreadChat', () => go('nextUnread'))

  return (
    <section className={styles.column} aria-label={texts.places.chats}>
      <div className={styles.tools}>
        <SearchField
          value={search}
          onChange={setSearch}
          placeholder={texts.search.chats}
          clearLabel={texts.search.clear}
        />
        <SegmentedControl
          size="xs"
          fullWidth
          value={filter}
          onChange={(value) => dispatch(chatFilterChosen(value))}
          data={(['all', 'mine', 'unread', 'unseen'] as const)
            .filter((value) => value === 'all' || value === 'unseen' || (me !== undefined && mayLead))
            .map((value) => ({ value, label: <span title={texts.filterHint[value]}>{texts.filter[value]}</span> }))}
        />
      </div>
      {filter === 'unread' && shown.total > 0 && mayLead && (
        <button type="button" className={styles.all} onClick={() => void sendIdempotent('MarkAllRead', {})}>
          <ChecklistIcon size={14} />
          {texts.count.readAll}
        </button>
      )}
      <BulkBar selection={selection} shown={shown} rows={rows} commands={commands} />
      <div className={styles.list}>
        {shown.total > 0 ? (
          <GroupedList
            handle={list}
            {...(mayLead ? { selection } : {})}
            current={active}
            shown={shown}
            rowHeight={ROW_PX}
            label={texts.places.chats}
            groupLabel={(group) => texts.chatGroup[group as QueueGroup]}
            isFolded={isFolded}
            onFold={(group) => dispatch(groupFolded(`chats:${group}`))}
            rowKey={keyOf}
            addressOf={addressOf}
            renderRow={(chat) => (
              <ChatRow
                chat={chat}
                unread={unread(chat, reading)}
                active={chat.id === active}
                open={sideBySide && panes.includes(chat.id)}
              />
            )}
          />
        ) : known === 0 ? (
          <EmptyState icon={CommentDiscussionIcon} title={texts.empty.chats} hint={texts.empty.chatsHint} />
        ) : (
          <EmptyState icon={FilterIcon} title={texts.empty.nothingFound} hint={texts.empty.nothingFoundHint}>
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                setSearch('')
                dispatch(chatFilterChosen('all'))
              }}
            >
              {texts.empty.showAll}
            </Button>
          </EmptyState>
        )}
      </div>
    </section>
  )
}

const UNREAD: Reading = { me: undefined, caughtUpAt: 0, teamSince: 0, here: {} }

const keyOf = (chat: QueueRow) => chat.id
const addressOf = (chat: QueueRow) => addressAt('chats', encodeURIComponent(chat.id))
const nameOf = (chat: QueueRow) => chat.playerSteamId64
