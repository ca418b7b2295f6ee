import { Button } from '@mantine/core'
import { ArrowDownIcon } from '@primer/octicons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'

import type { Chat } from '@/contract/rows'
import { Bubble } from '@/features/multichat/Bubble'
import { messageItems } from '@/features/multichat/messageItems'
import styles from '@/features/multichat/Messages.module.css'
import { day } from '@/i18n/time'
import { useMe } from '@/session/identity'
import { lineRead } from '@/store/slices/reading'
import { useAppDispatch } from '@/store/store'
import { useWords } from '@/ui/useWords'

/** The distance from the end, in pixels, that counts as at the end. */
const END_PX = 48
/** The estimated height of a message that was not measured yet. */
const LINE_PX = 48

interface Props {
  readonly chat: Chat
  /** What is seen of it counts as read. */
  readonly active: boolean
  /** What stands before the first line. */
  readonly above?: ReactNode
}

/** The message list. Scrolls to new messages only while its end is in view. */
export function Messages({ chat, active, above }: Props) {
  const { texts, language, now } = useWords()
  const me = useMe()
  const dispatch = useAppDispatch()
  const scroller = useRef<HTMLDivElement>(null)
  const height = useRef(0)
  const [atEnd, setAtEnd] = useState(true)
  const [seen, setSeen] = useState(chat.messages.length)

  const shown = useMemo(() => messageItems(chat.messages), [chat.messages])
  const last = chat.messages.at(-1)
  const heard = chat.messages.findLast(({ from }) => from === 'player')?.id
  const below = atEnd ? 0 : Math.max(0, chat.messages.length - seen)

  // eslint-disable-next-line react-hooks/incompatible-library -- what it returns is used here only, and never memoized
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    getItemKey: useCallback((index: number) => shown[index]!.key, [shown]),
    estimateSize: () => LINE_PX,
    overscan: 12,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: END_PX,
  })

  const { scrollToEnd } = virtual
  useLayoutEffect(() => scrollToEnd(), [scrollToEnd])
  // Whoever writes wants to see it stand there.
  const mine = last !== undefined && last.author === me ? last.id : undefined
  useEffect(() => {
    if (mine !== undefined) scrollToEnd()
  }, [mine, scrollToEnd])
  useEffect(() => {
    const element = scroller.current
    if (!element || !atEnd) return undefined
    // a composer that grows must not cover what it answers to
    const resized = new ResizeObserver(() => {
      height.current = element.clientHeight
      scrollToEnd()
    })
    resized.observe(element)
    return () => resized.disconnect()
  }, [atEnd, scrollToEnd])

  useEffect(() => {
    const read = () => {
      if (active && atEnd && last && document.hasFocus() && !document.hidden) {
        // our own words are nothing to be read: the mark stays at the player's last line
        if (heard !== undefined) dispatch(lineRead({ chatId: chat.id, upTo: heard }))
      }
    }
    read()
    window.addEventListener('focus', read)
    return () => window.removeEventListener('focus', read)
  }, [active, atEnd, last, heard, chat.id, dispatch])

  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        className={styles.scroller}
        role="log"
        aria-label={texts.chat.said(chat.playerSteamId64)}
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          // a log that has just been resized was scrolled by that, and not by whoever reads it: the end is brought back
          const resized = clientHeight !== height.current
          height.current = clientHeight
          if (resized && atEnd) return
          const end = scrollHeight - scrollTop - clientHeight < END_PX
          if (end !== atEnd) setAtEnd(end)
          if (!end && atEnd) setSeen(chat.messages.length)
        }}
      >
        <div className={styles.above}>
          {above}
          {chat.taskId === null && (
            <p className={styles.note}>
              {chat.messages[0]?.from === 'bot' ? texts.chat.startedByUs : texts.chat.startedUnasked}
            </p>
          )}
          {shown.length === 0 && <p className={styles.note}>{texts.empty.noMessages}</p>}
        </div>
        <div className={styles.lines} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ key, index, start }) => {
            const line = shown[index]!
            return (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className={styles.line}
                style={{ transform: `translateY(${start}px)` }}
              >
                {line.kind === 'day' ? (
                  <div className={styles.day}>
                    <span>{day(line.ts, now, texts, language)}</span>
                  </div>
                ) : (
                  <Bubble chat={chat} message={line.message} first={line.first} last={line.last} />
                )}
              </div>
            )
          })}
        </div>
      </div>
      {!atEnd && (
        <Button
          className={styles.toEnd}
          size="compact-sm"
          radius="xl"
          variant={below > 0 ? 'filled' : 'default'}
          leftSection={<ArrowDownIcon size={14} />}
          onClick={() => scrollToEnd()}
        >
          {below > 0 ? texts.chat.newBelow(below) : texts.chat.toEnd}
        </Button>
      )}
    </div>
  )
}
