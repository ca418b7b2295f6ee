import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { AgentIcon, ArrowLeftIcon, InfoIcon, PersonIcon, XIcon } from '@primer/octicons-react'
import { type ReactNode, useState } from 'react'

import { useCommand } from '@/commands/useCommand'
import type { Chat } from '@/contract/rows'
import styles from '@/features/multichat/Header.module.css'
import { botName, explainBot, explainChat, priceRange } from '@/explain/explain'
import { useMe } from '@/session/useMe'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { Dialog } from '@/ui/Dialog'
import { Refusal } from '@/ui/Refusal'
import { useSignal } from '@/ui/signals'
import { Dot, Status } from '@/ui/Status'
import { useWords } from '@/ui/useWords'
import { chatClosed } from '@/workspace/slice'

interface Props {
  readonly chat: Chat
  readonly active: boolean
  readonly alone: boolean
  readonly aside: ReactNode
}

/** What the chat is about, who leads it, and the button that changes that. */
export function Header({ chat, active, alone, aside }: Props) {
  const [asideOpened, setAsideOpened] = useState(false)
  const words = useWords()
  const { texts } = words
  const me = useMe()
  const dispatch = useAppDispatch()
  const toggle = useCommand('ToggleAgent')
  const task = useAppSelector((state) => (chat.taskId === null ? undefined : state.replica.tasks.get(chat.taskId)))
  const bot = useAppSelector((state) => state.replica.bots.get(chat.botId))
  const { tone, why } = explainChat(chat, me, words)
  const open = chat.status === 'open'

  const setAgent = (enabled: boolean) => {
    if (open && chat.agentEnabled !== enabled && !toggle.pending) void toggle.run({ chatId: chat.id, enabled })
  }
  useSignal('takeOver', () => active && setAgent(false))
  useSignal('giveBack', () => active && setAgent(true))

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
            {task === undefined ? chat.playerSteamId64 : task.item}
            {task && <span className={styles.price}>{priceRange(task)}</span>}
          </h2>
          <p>
            <a
              href={`https://steamcommunity.com/profiles/${chat.playerSteamId64}`}
              target="_blank"
              rel="noreferrer"
              title={texts.player.profile}
            >
              {chat.playerSteamId64}
            </a>
            {bot && (
              <span className={styles.bot}>
                <Dot tone={explainBot(bot, words).tone} label={texts.botStatus[bot.status]} />
                {botName(bot)}
              </span>
            )}
          </p>
        </div>
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
      <div className={styles.lead}>
        <span className={styles.agent} data-tone={tone}>
          {chat.agentEnabled ? <AgentIcon size={16} /> : <PersonIcon size={16} />}
          <span>{why}</span>
        </span>
        {task && !open && (
          <Status tone={task.status === 'resolved' ? 'good' : 'idle'}>{texts.taskStatus[task.status]}</Status>
        )}
        {open && (
          <Button
            size="compact-sm"
            variant={chat.agentEnabled ? 'filled' : 'default'}
            loading={toggle.pending}
            onClick={() => setAgent(!chat.agentEnabled)}
          >
            {chat.agentEnabled ? texts.chat.takeOver : texts.chat.giveBack}
          </Button>
        )}
      </div>
      <Dialog opened={asideOpened} onClose={() => setAsideOpened(false)} size="sm" title={texts.common.details}>
        {aside}
      </Dialog>
      <Refusal message={toggle.error?.message} onClose={toggle.clear} closeLabel={texts.common.close} />
    </header>
  )
}
