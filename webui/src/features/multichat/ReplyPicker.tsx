import { useEffect, useRef } from 'react'

import type { CannedReply } from '@/contract/rows'
import styles from '@/features/multichat/ReplyPicker.module.css'
import { useTexts } from '@/i18n/useTexts'
import { fillReply, type ReplyValues } from '@/replies/fill'
import { emit } from '@/ui/uiEvents'

interface Props {
  readonly id: string
  readonly found: readonly CannedReply[]
  readonly chosen: number
  readonly values: ReplyValues
  readonly onPick: (reply: CannedReply) => void
}

/** The canned replies that fit what was typed after the slash, as they would be said in this chat. */
export function ReplyPicker({ id, found, chosen, values, onPick }: Props) {
  const texts = useTexts()
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <div className={styles.picker}>
      {found.length === 0 ? (
        <p className={styles.none}>{texts.replies.none}</p>
      ) : (
        <div ref={list} id={id} role="listbox" aria-label={texts.replies.title} className={styles.list}>
          {found.map((reply, index) => (
            <div
              key={reply.id}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              className={styles.option}
              // the field keeps the focus: what is typed goes on narrowing the list
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => onPick(reply)}
            >
              <strong>{reply.title}</strong>
              <span>{fillReply(reply.text, values)}</span>
            </div>
          ))}
        </div>
      )}
      <button
        type="button"
        className={styles.manage}
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => emit('cannedReplies')}
      >
        {texts.replies.manage}
      </button>
    </div>
  )
}
