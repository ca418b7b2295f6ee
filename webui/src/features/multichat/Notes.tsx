import { ActionIcon, Tooltip } from '@mantine/core'
import { ChevronDownIcon, ChevronUpIcon, NoteIcon, XIcon } from '@primer/octicons-react'
import { useState } from 'react'

import type { Chat, Note } from '@/contract/rows'
import { actorName } from '@/explain/explain'
import styles from '@/features/multichat/Notes.module.css'
import { exact, moment } from '@/i18n/time'
import { useMe } from '@/session/identity'
import { useMay } from '@/session/roles'
import { Refusal } from '@/ui/Refusal'
import { useCommand } from '@/ui/useCommand'
import { useWords } from '@/ui/useWords'

/** What we have written down about the chat for each other, above what was said and apart from it; in the archive for good. */
export function Notes({ chat, archived }: { chat: Chat; archived: boolean }) {
  const { texts } = useWords()
  const [all, setAll] = useState(false)
  const remove = useCommand('RemoveNote')
  if (chat.notes.length === 0) return null
  const shown = all ? chat.notes : chat.notes.slice(-1)
  return (
    <section className={styles.notes} aria-label={`${texts.notes.title}: ${chat.playerSteamId64}`}>
      <div className={styles.list} data-all={all || undefined} tabIndex={all ? 0 : undefined}>
        {shown.map((note) => (
          <Line
            key={note.id}
            note={note}
            onRemove={() => void remove.run({ chatId: chat.id, noteId: note.id })}
            short={!all}
            kept={archived}
          />
        ))}
      </div>
      {chat.notes.length > 1 && (
        <button type="button" className={styles.more} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? <ChevronUpIcon size={12} /> : <ChevronDownIcon size={12} />}
          {all ? texts.notes.hide : `${texts.notes.show} (${chat.notes.length})`}
        </button>
      )}
      <Refusal message={remove.refusal} onClose={remove.clear} closeLabel={texts.common.close} />
    </section>
  )
}

function Line({ note, short, kept, onRemove }: { note: Note; short: boolean; kept: boolean; onRemove: () => void }) {
  const { texts, language, now } = useWords()
  const me = useMe()
  const may = useMay('RemoveNote')
  return (
    <div className={styles.note}>
      <NoteIcon size={14} />
      <p className={styles.text} data-short={short || undefined}>
        <bdi>{note.text}</bdi>
        <span className={styles.who}>
          {note.author === me ? texts.chat.you : actorName(note.author, texts)},{' '}
          <time title={exact(note.ts, language)}>{moment(note.ts, now, language)}</time>
        </span>
      </p>
      {may && !kept && (
        <Tooltip label={texts.notes.remove}>
          <ActionIcon size="sm" variant="subtle" color="gray" aria-label={texts.notes.remove} onClick={onRemove}>
            <XIcon size={12} />
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  )
}
