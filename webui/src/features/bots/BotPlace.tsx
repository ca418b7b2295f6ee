import { ActionIcon, Button } from '@mantine/core'
import { FilterIcon, PlusIcon, ServerIcon, XIcon } from '@primer/octicons-react'
import { useCallback, useMemo, useState } from 'react'

import type { BotStatus } from '@/contract/enums'
import { BotCard } from '@/features/bots/BotCard'
import { BotRow } from '@/features/bots/BotRow'
import { botLens } from '@/features/bots/lens'
import { useTexts } from '@/i18n/useTexts'
import { useSettled, useView } from '@/lists/useView'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { Empty } from '@/ui/Empty'
import { GroupedList } from '@/ui/GroupedList'
import place from '@/ui/Place.module.css'
import { SearchField } from '@/ui/SearchField'
import { signal } from '@/ui/signals'
import { useRowHeight } from '@/ui/useRowHeight'
import { botChosen, groupFolded } from '@/workspace/slice'

const COLUMNS = {
  '--columns': 'minmax(160px, 0.8fr) 152px minmax(200px, 1fr) minmax(200px, 2fr) 72px',
  '--columns-narrow': 'minmax(150px, 0.6fr) minmax(200px, 1.4fr) 72px',
} as object

/** All bots, by status; those that need a person on top. */
export function BotPlace() {
  const texts = useTexts()
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
    useMemo(() => botLens(settled), [settled]),
  )
  const isFolded = useCallback((group: string) => settled === '' && folded.includes(`bots:${group}`), [folded, settled])
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
          <Button size="xs" leftSection={<PlusIcon />} onClick={() => signal('addBots')}>
            {texts.bot.add}
          </Button>
        </div>
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
              shown={shown}
              rowHeight={rowHeight}
              label={texts.places.bots}
              groupLabel={(group) => texts.botStatus[group as BotStatus]}
              isFolded={isFolded}
              onFold={(group) => dispatch(groupFolded(`bots:${group}`))}
              rowKey={(bot) => bot.id}
              renderRow={(bot) => <BotRow bot={bot} chosen={bot.id === chosen?.id} />}
            />
          ) : known === 0 ? (
            <Empty icon={ServerIcon} title={texts.empty.bots} hint={texts.empty.botsHint}>
              <Button size="xs" onClick={() => signal('addBots')}>
                {texts.bot.add}
              </Button>
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
