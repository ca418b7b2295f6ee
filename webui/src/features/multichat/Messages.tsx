import { Button } from '@mantine/core'
import { ArrowDownIcon } from '@primer/octicons-react'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'

import type { Chat } from '@/contract/rows'
import { Bubble } from '@/features/multichat/Bubble'
import { lines } from '@/features/multichat/lines'
import styles from '@/features/multichat/Messages.module.css'
import { day } from '@/i18n/time'
import { useAppDispatch } from '@/store/store'
import { useWords } from '@/ui/useWords'
import { chatRead } from '@/workspace/slice'

const DRAWN_FIRST = 120
/** This near to the end counts as at the end. */
const END_PX = 48

/** What was said. Follows new lines only while the end is in sight: nobody is torn away from what they read. */
export function Messages({ chat, active }: { chat: Chat; active: boolean }) {
  const { texts, language, now } = useWords()
  const dispatch = useAppDispatch()
  const scroller = useRef<HTMLDivElement>(null)
  const [drawn, setDrawn] = useState(DRAWN_FIRST)
  const [atEnd, setAtEnd] = useState(true)
  const [seen, setSeen] = useState(chat.messages.length)
  const fromEnd = useRef(0)

  const shown = useMemo(() => lines(chat.messages.slice(-drawn)), [chat.messages, drawn])
  const last = chat.messages.at(-1)
  const below = atEnd ? 0 : Math.max(0, chat.messages.length - seen)

  const toEnd = useCallback(() => {
    const element = scroller.current
    if (element) element.scrollTop = element.scrollHeight
  }, [])

  useLayoutEffect(() => {
    if (atEnd) toEnd()
  }, [shown, atEnd, toEnd])

  // Earlier lines go in above: what was in sight stays where it is.
  useLayoutEffect(() => {
    const element = scroller.current
    if (element && fromEnd.current > 0) element.scrollTop = element.scrollHeight - fromEnd.current
    fromEnd.current = 0
  }, [drawn])

  useEffect(() => {
    const read = () => {
      if (active && atEnd && last && document.hasFocus() && !document.hidden) {
        dispatch(chatRead({ chatId: chat.id, upTo: last.ts }))
      }
    }
    read()
    window.addEventListener('focus', read)
    return () => window.removeEventListener('focus', read)
  }, [active, atEnd, last, chat.id, dispatch])

  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const resized = new ResizeObserver(() => atEnd && toEnd())
    resized.observe(element)
    return () => resized.disconnect()
  }, [atEnd, toEnd])

  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        className={styles.scroller}
        role="log"
        aria-label={texts.chat.said(chat.playerSteamId64)}
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          const end = scrollHeight - scrollTop - clientHeight < END_PX
          if (end !== atEnd) setAtEnd(end)
          if (!end && atEnd) setSeen(chat.messages.length)
        }}
      >
        {chat.messages.length > drawn && (
          <Button
            className={styles.earlier}
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              const element = scroller.current
              fromEnd.current = element ? element.scrollHeight - element.scrollTop : 0
              setDrawn(drawn + DRAWN_FIRST)
            }}
          >
            {texts.chat.earlier}
          </Button>
        )}
        {chat.taskId === null && <p className={styles.note}>{texts.chat.startedUnasked}</p>}
        {shown.length === 0 && <p className={styles.note}>{texts.empty.noMessages}</p>}
        {shown.map((line) =>
          line.kind === 'day' ? (
            <div key={line.key} className={styles.day}>
              <span>{day(line.ts, now, texts, language)}</span>
            </div>
          ) : (
            <Bubble key={line.key} chat={chat} message={line.message} first={line.first} last={line.last} />
          ),
        )}
      </div>
      {!atEnd && (
        <Button
          className={styles.toEnd}
          size="compact-sm"
          radius="xl"
          variant={below > 0 ? 'filled' : 'default'}
          leftSection={<ArrowDownIcon size={14} />}
          onClick={toEnd}
        >
          {below > 0 ? texts.chat.newBelow(below) : texts.chat.toEnd}
        </Button>
      )}
    </div>
  )
}
