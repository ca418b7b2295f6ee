import { ActionIcon, Tooltip } from '@mantine/core'
import { ArrowLeftIcon, InfoIcon, XIcon } from '@primer/octicons-react'
import { type ReactNode, useState } from 'react'

import type { Chat } from '@/contract/rows'
import { botName, explainBot, priceRange } from '@/explain/explain'
import { playerActivity, playerName } from '@/explain/player'
import { HandOver } from '@/features/multichat/HandOver'
import styles from '@/features/multichat/Header.module.css'
import { Snooze } from '@/features/multichat/Snooze'
import { TakeOver } from '@/features/multichat/TakeOver'
import { taskIn } from '@/history/useOpenChat'
import { chatClosed } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { Dialog } from '@/ui/Dialog'
import { PlayerPicture } from '@/ui/PlayerPicture'
import { Dot } from '@/ui/Status'
import { useUiEvent } from '@/ui/uiEvents'
import { useWords } from '@/ui/useWords'

interface Props {
  readonly chat: Chat
  readonly active: boolean
  readonly alone: boolean
  readonly aside: ReactNode
}

/** What the chat is about, and who leads it. */
export function Header({ chat, active, alone, aside }: Props) {
  const [asideOpened, setAsideOpened] = useState(false)
  const words = useWords()
  const { texts } = words
  useUiEvent('showDeal', () => active && aside !== undefined && aside !== null && setAsideOpened(true))
  const dispatch = useAppDispatch()
  const task = useAppSelector((state) => taskIn(state, chat))
  const bot = useAppSelector((state) => state.replica.bots.get(chat.botId))
  const players = useAppSelector((state) => state.replica.players)
  const persona = players.get(chat.playerSteamId64)?.persona
  // of whom no bot hears any more, what they did last is no news
  const live = chat.status === 'open' && bot?.status === 'connected'
  const activity = live ? playerActivity(persona, texts) : undefined

  return (
    <header className={styles.header}>
      <div className={styles.top}>
        <ActionIcon
          className={styles.back}
          variant="subtle"
          color="gray"
          aria-label={texts.common.close}
          onClick={() => dispatch(chatClosed(chat.id))}
        >
          <ArrowLeftIcon />
        </ActionIcon>
        <div className={styles.about}>
          <h2>
            <bdi className={styles.title}>
              {task === undefined ? playerName(chat.playerSteamId64, players) : task.item}
            </bdi>
            {task && <span className={styles.price}>{priceRange(task)}</span>}
          </h2>
          <p>
            <PlayerPicture steamId64={chat.playerSteamId64} />
            {persona?.name != null && task !== undefined && <bdi className={styles.player}>{persona.name}</bdi>}
            <a
              href={`https://steamcommunity.com/profiles/${chat.playerSteamId64}`}
              target="_blank"
              rel="noreferrer"
              title={texts.player.profile}
            >
              {chat.playerSteamId64}
            </a>
            {activity !== undefined && <span className={styles.activity}>{activity}</span>}
            {bot && (
              <span className={styles.bot}>
                <Dot tone={explainBot(bot, words).tone} label={texts.botStatus[bot.status]} />
                <span>{botName(bot)}</span>
              </span>
            )}
          </p>
        </div>
        <Snooze chat={chat} active={active} />
        <HandOver chat={chat} active={active} />
        {aside !== undefined && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={texts.common.details}
            onClick={() => setAsideOpened(true)}
          >
            <InfoIcon />
          </ActionIcon>
        )}
        {!alone && (
          <Tooltip label={texts.chat.close}>
            <ActionIcon
              className={styles.close}
              variant="subtle"
              color="gray"
              aria-label={texts.chat.close}
              onClick={() => dispatch(chatClosed(chat.id))}
            >
              <XIcon />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      <TakeOver chat={chat} active={active} />
      <Dialog opened={asideOpened} onClose={() => setAsideOpened(false)} size="sm" title={texts.common.details}>
        {aside}
      </Dialog>
    </header>
  )
}
