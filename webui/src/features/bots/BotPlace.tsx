import { PlusIcon, ServerIcon } from '@primer/octicons-react'
import { type CSSProperties, useMemo } from 'react'

import { BulkBar } from '@/bulk/BulkBar'
import type { BulkRows } from '@/bulk/plan'
import type { BotStatus } from '@/contract/enums'
import type { Bot } from '@/contract/rows'
import { botName } from '@/explain/explain'
import { BotCard } from '@/features/bots/BotCard'
import { BotRow } from '@/features/bots/BotRow'
import { botCommands } from '@/features/bots/bulk'
import { BOT_GROUPING, botMatcher } from '@/features/bots/grouping'
import { ProxyCheck } from '@/features/bots/ProxyCheck'
import { useTexts } from '@/i18n/useTexts'
import { useMay } from '@/session/roles'
import { botChosen } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector, useAppStore } from '@/store/store'
import { CommandButton } from '@/ui/CommandButton'
import { ListPlace } from '@/ui/ListPlace'
import styles from '@/ui/ListPlace.module.css'
import { useRowSelection } from '@/ui/selection'
import { emit } from '@/ui/uiEvents'

const COLUMNS = {
  '--columns': 'minmax(190px, 0.8fr) 152px minmax(200px, 1fr) minmax(200px, 2fr) 72px',
  '--columns-narrow': 'minmax(150px, 0.6fr) minmax(200px, 1.4fr) 72px',
} as CSSProperties

/** All bots, by status; those that need a person on top. */
export function BotPlace() {
  const texts = useTexts()
  const store = useAppStore()
  const dispatch = useAppDispatch()
  const wanted = useAppSelector(({ workspace }) => workspace.bot)
  const chosen = useAppSelector(({ replica }) => (wanted === null ? undefined : replica.bots.get(wanted)))
  const selectable = useMay('RemoveBot')
  const selection = useRowSelection(BOT_GROUPING.keyOf, botName)
  const commands = useMemo(() => botCommands(texts, () => store.getState().replica), [texts, store])
  const rows = useMemo(
    (): BulkRows<Bot> => ({
      find: (key) => store.getState().replica.bots.get(key),
      titleOf: botName,
      detailOf: (bot) => texts.botStatus[bot.status],
    }),
    [store, texts],
  )
  return (
    <ListPlace
      name="bots"
      grouping={BOT_GROUPING}
      matcher={botMatcher}
      icon={ServerIcon}
      groupLabel={(group) => texts.botStatus[group as BotStatus]}
      columns={COLUMNS}
      head={
        <>
          <span>{texts.chat.bot}</span>
          <span className={styles.wide}>{texts.bot.steamId}</span>
          <span className={styles.wide}>{texts.bot.proxy}</span>
          <span>{texts.common.status}</span>
          <span />
        </>
      }
      renderRow={(bot, isChosen) => <BotRow bot={bot} chosen={isChosen} />}
      add={(where) => (
        <>
          {where === 'tools' && <ProxyCheck />}
          <CommandButton
            command="AddBotFromMaFile"
            size="xs"
            {...(where === 'tools' ? { leftSection: <PlusIcon /> } : {})}
            onClick={() => emit('addBots')}
          >
            {texts.bot.add}
          </CommandButton>
        </>
      )}
      selection={selection}
      selectable={selectable}
      bulkBar={(shown) => <BulkBar selection={selection} shown={shown} rows={rows} commands={commands} />}
      chosen={chosen}
      wanted={wanted}
      onChoose={(bot) => dispatch(botChosen(bot?.id ?? null))}
      card={(bot) => <BotCard key={bot.id} bot={bot} />}
      cardLabel={texts.chat.bot}
    />
  )
}
