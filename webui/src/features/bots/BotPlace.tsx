import { ActionIcon } from '@mantine/core'
import { FilterIcon, PlusIcon, ServerIcon, XIcon } from '@primer/octicons-react'
import { useCallback, useMemo, useRef, useState } from 'react'

import { BulkBar } from '@/bulk/BulkBar'
import type { BulkRows } from '@/bulk/plan'
import type { BotStatus } from '@/contract/enums'
import type { Bot } from '@/contract/rows'
import { botName } from '@/explain/explain'
import { BotCard } from '@/features/bots/BotCard'
import { BotRow } from '@/features/bots/BotRow'
import { botCommands } from '@/features/bots/bulk'
import { BOTS, findsBots } from '@/features/bots/lens'
import { useTexts } from '@/i18n/useTexts'
import { useSettled, useView } from '@/lists/useView'
import { useMay } from '@/session/roles'
import { botChosen, groupFolded } from '@/store/slices/workspace'
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
  '--columns': 'minmax(190px, 0.8fr) 152px minmax(200px, 1fr) minmax(200px, 2fr) 72px',
  '--columns-narrow': 'minmax(150px, 0.6fr) minmax(200px, 1.4fr) 72px',
} as object

/** All bots, by status; those that need a person on top. */
export function BotPlace() {
  const texts = useTexts()
  const store = useAppStore()
  const dispatch = useAppDispatch()
  const [search, setSearch] = useState('')
  const rowHeight = useRowHeight()
  const settled = useSettled(search)
  const folded = useAppSelector((state) => state.workspace.folded)
  const chosen = useAppSelector(({ workspace, replica }) =>
    workspace.bot === null ? undefined : replica.bots.get(workspace.bot),
  )
  const known = useAppSelector((state) => state.replica.bots.size)
  const shown = useView(
    'bots',
    BOTS,
    useMemo(() => findsBots(settled), [settled]),
  )
  const isFolded = useCallback((group: string) => settled === '' && folded.includes(`bots:${group}`), [folded, settled])
  const list = useRef<ListHandle<Bot>>(null)
  const mayRemove = useMay('RemoveBot')
  const picks = usePicks(keyOf, botName)
  const commands = useMemo(() => botCommands(texts, () => store.getState().replica), [texts, store])
  const rows = useMemo(
    (): BulkRows<Bot> => ({
      find: (key) => store.getState().replica.bots.get(key),
      titleOf: botName,
      detailOf: (bot) => texts.botStatus[bot.status],
    }),
    [store, texts],
  )
  useSteps(
    shown,
    isFolded,
    (bot) => bot.id === chosen?.id,
    list,
    (bot) => dispatch(botChosen(bot.id)),
  )
  return (
    <div className={place.place}>
      <section className={place.main} aria-label={texts.places.bots} style={COLUMNS}>
        <div className={place.tools}>
          <SearchField
            value={search}
            onChange={setSearch}
            placeholder={texts.search.bots}
            clearLabel={texts.search.clear}
          />
          <CommandButton
            command="AddBotFromMaFile"
            size="xs"
            leftSection={<PlusIcon />}
            onClick={() => signal('addBots')}
          >
            {texts.bot.add}
          </CommandButton>
        </div>
        <BulkBar picks={picks} shown={shown} rows={rows} commands={commands} />
        {shown.total > 0 && (
          <div className={place.head} aria-hidden>
            <span>{texts.chat.bot}</span>
            <span className={place.wide}>{texts.bot.steamId}</span>
            <span className={place.wide}>{texts.bot.proxy}</span>
            <span>{texts.common.status}</span>
            <span />
          </div>
        )}
        <div className={place.list}>
          {shown.total > 0 ? (
            <GroupedList
              handle={list}
              {...(mayRemove ? { picks } : {})}
              current={chosen?.id ?? null}
              shown={shown}
              rowHeight={rowHeight}
              label={texts.places.bots}
              groupLabel={(group) => texts.botStatus[group as BotStatus]}
              isFolded={isFolded}
              onFold={(group) => dispatch(groupFolded(`bots:${group}`))}
              rowKey={keyOf}
              renderRow={(bot) => <BotRow bot={bot} chosen={bot.id === chosen?.id} />}
            />
          ) : known === 0 ? (
            <Empty icon={ServerIcon} title={texts.empty.bots} hint={texts.empty.botsHint}>
              <CommandButton command="AddBotFromMaFile" size="xs" onClick={() => signal('addBots')}>
                {texts.bot.add}
              </CommandButton>
            </Empty>
          ) : (
            <Empty icon={FilterIcon} title={texts.empty.nothingFound} hint={texts.empty.nothingFoundHint} />
          )}
        </div>
      </section>
      {chosen && (
        <aside className={place.aside} aria-label={texts.chat.bot}>
          <div className={place.asideHead}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={texts.common.close}
              onClick={() => dispatch(botChosen(null))}
            >
              <XIcon />
            </ActionIcon>
          </div>
          <BotCard key={chosen.id} bot={chosen} />
        </aside>
      )}
    </div>
  )
}

const keyOf = (bot: Bot) => bot.id
