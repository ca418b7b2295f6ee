import { Button, SegmentedControl } from '@mantine/core'
import { ChecklistIcon, CommentDiscussionIcon, FilterIcon } from '@primer/octicons-react'
import { useCallback, useMemo, useRef, useState } from 'react'

import { BulkBar } from '@/bulk/BulkBar'
import type { BulkRows } from '@/bulk/plan'
import { sendIdempotent } from '@/commands/send'
import type { Chat } from '@/contract/rows'
import { botName } from '@/explain/explain'
import { chatCommands } from '@/features/chats/bulk'
import styles from '@/features/chats/ChatList.module.css'
import { ChatRow } from '@/features/chats/ChatRow'
import { type ChatGroup, chatGroup, CHATS, findsChats } from '@/features/chats/lens'
import { neighbour, type Step } from '@/features/chats/neighbour'
import { useTexts } from '@/i18n/useTexts'
import { useSettled, useView } from '@/lists/useView'
import { concernsMe, type Reading, unread } from '@/reading/unread'
import { readingOf, useReading } from '@/reading/useReading'
import { useMay } from '@/session/roles'
import { useMe } from '@/session/useMe'
import { chatFilterChosen, chatOpened, groupFolded } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector, useAppStore } from '@/store/store'
import { Empty } from '@/ui/Empty'
import { GroupedList, type ListHandle } from '@/ui/GroupedList'
import { usePicks } from '@/ui/picks'
import { SearchField } from '@/ui/SearchField'
import { useSignal } from '@/ui/signals'

const ROW_PX = 74

/** All chats, by who leads them; the ones that wait for a person on top. */
export function ChatList() {
  const texts = useTexts()
  const me = useMe()
  const store = useAppStore()
  const dispatch = useAppDispatch()
  const [search, setSearch] = useState('')
  const settled = useSettled(search)
  const filter = useAppSelector((state) => state.workspace.chatFilter)
  const folded = useAppSelector((state) => state.workspace.folded)
  const reading = useReading()
  const active = useAppSelector((state) => state.workspace.active)
  const sideBySide = useAppSelector((state) => state.workspace.sideBySide)
  const panes = useAppSelector((state) => state.workspace.panes)
  const known = useAppSelector((state) => state.replica.chats.size)
  const list = useRef<ListHandle<Chat>>(null)

  // What was read, and what is open, matters to which chats are shown only where that is asked for.
  const byReading = filter === 'unread' || filter === 'unseen'
  const lensReading = byReading ? reading : UNREAD
  const keep = byReading ? active : null
  const finds = useMemo(
    () =>
      findsChats({
        search: settled,
        filter,
        me,
        reading: lensReading,
        keep,
        taskOf: (chat) => (chat.taskId === null ? undefined : store.getState().replica.tasks.get(chat.taskId)),
        botNameOf: (chat) => {
          const bot = store.getState().replica.bots.get(chat.botId)
          return bot === undefined ? '' : botName(bot)
        },
      }),
    [settled, filter, me, lensReading, keep, store],
  )
  const shown = useView('chats', CHATS, finds)
  const isFolded = useCallback(
    (group: string) => settled === '' && filter === 'all' && folded.includes(`chats:${group}`),
    [folded, settled, filter],
  )

  const mayLead = useMay('ToggleAgent')
  const picks = usePicks(keyOf, nameOf)
  const commands = useMemo(() => chatCommands(texts, me, () => readingOf(store.getState(), me)), [texts, me, store])
  const rows = useMemo((): BulkRows<Chat> => {
    const replica = () => store.getState().replica
    return {
      find: (key) => replica().chats.get(key),
      titleOf: (chat) => replica().tasks.get(chat.taskId ?? '')?.item ?? chat.playerSteamId64,
      detailOf: (chat) => `${chat.playerSteamId64} · ${texts.chatGroup[chatGroup(chat)]}`,
    }
  }, [store, texts])

  const go = (step: Step) => {
    const rows = shown.groups.flatMap(({ name, rows }) => (isFolded(name) ? [] : rows))
    const next = neighbour(rows, active, step, (chat) => concernsMe(chat, me) && unread(chat, reading) > 0)
    if (next === undefined) return
    dispatch(chatOpened(next.id))
    list.current?.reveal(next)
  }
  useSignal('nextChat', () => go('next'))
  useSignal('previousChat', () => go('previous'))
  useSignal('nextUnreadChat', () => go('nextUnread'))

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
      <BulkBar picks={picks} shown={shown} rows={rows} commands={commands} />
      <div className={styles.list}>
        {shown.total > 0 ? (
          <GroupedList
            handle={list}
            {...(mayLead ? { picks } : {})}
            current={active}
            shown={shown}
            rowHeight={ROW_PX}
            label={texts.places.chats}
            groupLabel={(group) => texts.chatGroup[group as ChatGroup]}
            isFolded={isFolded}
            onFold={(group) => dispatch(groupFolded(`chats:${group}`))}
            rowKey={keyOf}
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
          <Empty icon={CommentDiscussionIcon} title={texts.empty.chats} hint={texts.empty.chatsHint} />
        ) : (
          <Empty icon={FilterIcon} title={texts.empty.nothingFound} hint={texts.empty.nothingFoundHint}>
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
          </Empty>
        )}
      </div>
    </section>
  )
}

const UNREAD: Reading = { me: undefined, caughtUpAt: 0, teamSince: 0, here: {} }

const keyOf = (chat: Chat) => chat.id
const nameOf = (chat: Chat) => chat.playerSteamId64
