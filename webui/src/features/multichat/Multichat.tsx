import { ActionIcon, SegmentedControl, Tooltip } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { SidebarCollapseIcon, SidebarExpandIcon } from '@primer/octicons-react'
import type { ReactNode } from 'react'

import type { Chat } from '@/contract/rows'
import { FirstSteps } from '@/features/multichat/FirstSteps'
import styles from '@/features/multichat/Multichat.module.css'
import { Pane } from '@/features/multichat/Pane'
import { chatIn } from '@/history/useOpenChat'
import { useTexts } from '@/i18n/useTexts'
import { shownChats, sideBySideChosen, taskShown } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { useUiEvent } from '@/ui/uiEvents'

interface Props {
  /** What belongs beside a chat: its task, its player. */
  readonly aside: (chat: Chat) => ReactNode
  /** What stands there while no chat is open. */
  readonly idle: ReactNode
}

/** One large chat with its task beside it, or several side by side. */
export function Multichat({ aside, idle }: Props) {
  const texts = useTexts()
  const dispatch = useAppDispatch()
  const roomy = useMediaQuery('(min-width: 1100px)', true)
  const workspace = useAppSelector((state) => state.workspace)
  const { sideBySide, showTask, active } = workspace
  const panes = shownChats(workspace)
  const chat = useAppSelector((state) => (active === null ? undefined : chatIn(state, active)))
  const none = useAppSelector((state) => state.replica.chats.size === 0)
  const alone = panes.length < 2
  const beside = alone && roomy
  useUiEvent('showDeal', () => beside && chat && !showTask && dispatch(taskShown(true)))
  return (
    <section className={styles.frame} aria-label={texts.chat.open}>
      {panes.length === 0 && none ? (
        <FirstSteps />
      ) : panes.length === 0 ? (
        idle
      ) : (
        <>
          <div className={styles.bar}>
            <SegmentedControl
              size="xs"
              value={sideBySide ? 'several' : 'one'}
              onChange={(value) => dispatch(sideBySideChosen(value === 'several'))}
              data={[
                { value: 'one', label: texts.chat.oneChat },
                { value: 'several', label: texts.chat.sideBySide },
              ]}
            />
            {beside && (
              <Tooltip label={texts.keys.task}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={texts.keys.task}
                  aria-pressed={showTask}
                  onClick={() => dispatch(taskShown(!showTask))}
                >
                  {showTask ? <SidebarExpandIcon /> : <SidebarCollapseIcon />}
                </ActionIcon>
              </Tooltip>
            )}
          </div>
          <div className={styles.stage}>
            <div className={styles.panes}>
              {panes.map((id) => (
                <Pane key={id} id={id} active={id === active} alone={alone} {...(beside ? {} : { aside })} />
              ))}
            </div>
            {beside && showTask && chat && <aside className={styles.aside}>{aside(chat)}</aside>}
          </div>
        </>
      )}
    </section>
  )
}
