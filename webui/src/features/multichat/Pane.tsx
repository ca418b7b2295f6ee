import { Button } from '@mantine/core'
import { UnlinkIcon } from '@primer/octicons-react'
import { type ReactNode, useEffect, useRef } from 'react'

import type { ChatId } from '@/contract/ids'
import type { Chat } from '@/contract/rows'
import { actorName } from '@/explain/explain'
import { ClaimBanner } from '@/features/multichat/ClaimBanner'
import { Composer } from '@/features/multichat/Composer'
import { Header } from '@/features/multichat/Header'
import { Messages } from '@/features/multichat/Messages'
import { Notes } from '@/features/multichat/Notes'
import { Earlier, InArchive, NotRead } from '@/features/multichat/Archived'
import styles from '@/features/multichat/Pane.module.css'
import { Snoozed } from '@/features/multichat/Snooze'
import { Standing } from '@/features/multichat/Standing'
import { useMentionRead } from '@/features/multichat/useMentionRead'
import { Viewers } from '@/features/multichat/Viewers'
import { useOpenChat } from '@/history/useOpenChat'
import { useTexts } from '@/i18n/useTexts'
import { chatActivated, chatClosed } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { EmptyState } from '@/ui/EmptyState'

interface Props {
  readonly id: ChatId
  readonly active: boolean
  readonly alone: boolean
  /** What belongs beside the chat, where there is no room for it but on demand. */
  readonly aside?: (chat: Chat) => ReactNode
}

/** One chat: who it is with, what was said, and the place to write. */
export function Pane({ id, active, alone, aside }: Props) {
  const pane = useRef<HTMLElement>(null)
  const texts = useTexts()
  const dispatch = useAppDispatch()
  const { chat, archived, more, loading, error, gone, read } = useOpenChat(id)
  const player = useAppSelector((state) => chat && state.replica.players.get(chat.playerSteamId64))

  useEffect(() => {
    // a column of another system's
    if (gone && !alone) dispatch(chatClosed(id))
  }, [gone, alone, id, dispatch])

  useMentionRead(chat)

  useEffect(() => {
    // more columns than there is room for: the one that the keyboard is about is in sight
    if (active && !alone) pane.current?.scrollIntoView({ inline: 'nearest', block: 'nearest' })
  }, [active, alone])

  if (chat === undefined && gone && alone) {
    return (
      <EmptyState icon={UnlinkIcon} title={texts.address.gone} hint={texts.address.goneHint}>
        <Button size="xs" variant="default" onClick={() => dispatch(chatClosed(id))}>
          {texts.empty.showAll}
        </Button>
      </EmptyState>
    )
  }
  if (chat === undefined) return <NotRead error={error} read={read} />
  const listed = player?.doNotContact ?? null
  return (
    <article
      ref={pane}
      className={styles.pane}
      data-active={(active && !alone) || undefined}
      onPointerDown={() => dispatch(chatActivated(id))}
      onFocusCapture={() => dispatch(chatActivated(id))}
    >
      <Header chat={chat} active={active} alone={alone} aside={aside?.(chat)} />
      <ClaimBanner chat={chat} />
      <Snoozed chat={chat} />
      <Standing chat={chat} />
      {listed !== null && (
        <p className={styles.listed}>
          {texts.player.leftAlone(
            texts.player.doNotContactReason[listed.reason] ?? listed.reason,
            actorName(listed.by, texts),
          )}
        </p>
      )}
      <Notes chat={chat} archived={archived} />
      <Messages
        chat={chat}
        active={active && !archived}
        above={more && <Earlier loading={loading} failed={error !== undefined} read={read} />}
      />
      <Viewers chatId={chat.id} />
      {archived ? <InArchive chat={chat} /> : <Composer chat={chat} active={active} listed={listed !== null} />}
    </article>
  )
}
