import { ActionIcon, Tooltip } from '@mantine/core'
import { PaperAirplaneIcon } from '@primer/octicons-react'
import { useRef, useState } from 'react'

import { newCommandId, send } from '@/commands/send'
import { TEXT_LENGTH } from '@/contract/limits'
import type { Chat } from '@/contract/rows'
import styles from '@/features/multichat/Composer.module.css'
import { useTexts } from '@/i18n/useTexts'
import { useAppDispatch, useAppSelector, useAppStore } from '@/store/store'
import { Refusal } from '@/ui/Refusal'
import { useSignal } from '@/ui/signals'
import { chatActivated, draftWritten } from '@/workspace/slice'

/** The place to write. What is half written stays with its chat, and what could not be sent comes back to it. */
export function Composer({ chat, active, listed }: { chat: Chat; active: boolean; listed: boolean }) {
  const texts = useTexts()
  const store = useAppStore()
  const dispatch = useAppDispatch()
  const field = useRef<HTMLTextAreaElement>(null)
  const draft = useAppSelector((state) => state.workspace.drafts[chat.id] ?? '')
  const paused = useAppSelector((state) => state.replica.contacts.get('contact')?.paused === true)
  const [sending, setSending] = useState(0)
  const [refusal, setRefusal] = useState<string>()
  // The same words after an answer got lost are the same command: they may be with the player already.
  const unanswered = useRef<{ readonly id: string; readonly text: string }>(undefined)

  const closed = chat.status === 'closed'
  const hindrance = closed
    ? texts.chat.composerClosed
    : paused
      ? texts.chat.composerPaused
      : listed
        ? texts.chat.composerLeftAlone
        : undefined
  const tooLong = draft.length > TEXT_LENGTH

  useSignal('write', () => active && field.current?.focus())

  const submit = async () => {
    const text = draft.trim()
    if (text === '' || tooLong || hindrance !== undefined) return
    setRefusal(undefined)
    setSending((count) => count + 1)
    dispatch(draftWritten({ chatId: chat.id, text: '' }))
    const id = unanswered.current?.text === text ? unanswered.current.id : newCommandId()
    const outcome = await send('SendMessage', { chatId: chat.id, text }, id)
    unanswered.current = !outcome.ok && outcome.error.code === 'network' ? { id, text } : undefined
    setSending((count) => count - 1)
    if (outcome.ok) return
    setRefusal(outcome.error.message)
    const since = store.getState().workspace.drafts[chat.id]
    dispatch(draftWritten({ chatId: chat.id, text: since ? `${text}\n${since}` : text }))
  }

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <Refusal message={refusal} onClose={() => setRefusal(undefined)} closeLabel={texts.common.close} />
      <div className={styles.box} data-off={hindrance !== undefined || undefined}>
        <textarea
          ref={field}
          rows={1}
          value={draft}
          disabled={closed}
          aria-label={texts.chat.composer(chat.playerSteamId64)}
          aria-invalid={tooLong || undefined}
          placeholder={
            hindrance ?? (chat.agentEnabled ? texts.chat.composerTakes : texts.chat.composer(chat.playerSteamId64))
          }
          title={texts.chat.sendKey}
          onFocus={() => dispatch(chatActivated(chat.id))}
          onChange={(event) => dispatch(draftWritten({ chatId: chat.id, text: event.currentTarget.value }))}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur()
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
            event.preventDefault()
            void submit()
          }}
        />
        {draft.length > TEXT_LENGTH - 200 && (
          <span className={styles.left} data-over={tooLong || undefined}>
            {TEXT_LENGTH - draft.length}
          </span>
        )}
        <Tooltip label={sending > 0 ? texts.chat.sending : texts.chat.send}>
          <ActionIcon
            type="submit"
            size="lg"
            radius="md"
            loading={sending > 0 && draft === ''}
            disabled={draft.trim() === '' || tooLong || hindrance !== undefined}
            aria-label={texts.chat.send}
          >
            <PaperAirplaneIcon />
          </ActionIcon>
        </Tooltip>
      </div>
    </form>
  )
}
