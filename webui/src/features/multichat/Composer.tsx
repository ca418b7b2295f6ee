import { ActionIcon, Tooltip } from '@mantine/core'
import { NoteIcon, PaperAirplaneIcon, ZapIcon } from '@primer/octicons-react'
import { useRef } from 'react'
import { flushSync } from 'react-dom'

import { TEXT_LENGTH } from '@/contract/limits'
import type { Chat } from '@/contract/rows'
import { actorName } from '@/explain/explain'
import { useWhyMayNot } from '@/explain/useWhyMayNot'
import styles from '@/features/multichat/Composer.module.css'
import { ReplyPicker } from '@/features/multichat/ReplyPicker'
import { useCannedReplies } from '@/features/multichat/useCannedReplies'
import { useClaim } from '@/features/multichat/useClaim'
import { type Mode, useComposer } from '@/features/multichat/useComposer'
import { type OtherContact, useOtherContact } from '@/features/multichat/useOtherContact'
import type { Texts } from '@/i18n/en/texts'
import { useTexts } from '@/i18n/useTexts'
import { isPerson } from '@/session/actor'
import { useMe } from '@/session/identity'
import { chatActivated, chatOpened } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { Refusal } from '@/ui/Refusal'
import { codePoints, isComposing } from '@/ui/typing'
import { useUiEvent } from '@/ui/uiEvents'

/** The place to write, for whoever may. */
export function Composer(props: Props) {
  const texts = useTexts()
  const why = useWhyMayNot()('SendMessage')
  if (why === undefined) return <Writing {...props} />
  return (
    <p className={styles.composer} data-mode="none">
      {texts.chat.readOnly} {why}
    </p>
  )
}

interface Props {
  readonly chat: Chat
  readonly active: boolean
  readonly listed: boolean
}

/** The place to write, to the player or to our own. What is half written stays with its chat. */
function Writing({ chat, active, listed }: Props) {
  const texts = useTexts()
  const me = useMe()
  const dispatch = useAppDispatch()
  const field = useRef<HTMLTextAreaElement>(null)
  const paused = useAppSelector((state) => state.replica.contacts.get('contact')?.paused === true)
  const botGone = useAppSelector((state) => !state.replica.bots.has(chat.botId))
  const other = useOtherContact(chat)
  const { claim, take, refusal: notTaken, clear: clearNotTaken } = useClaim(chat)
  const { mode, setMode, draft, write, submit, sending, refusal, clear } = useComposer(chat, take)
  const noting = mode === 'note'

  const hindrance = noting ? undefined : whyNot({ chat, paused, listed, botGone, other }, texts)
  const closed = hindrance !== undefined && chat.status === 'closed'
  const length = codePoints(draft)
  const tooLong = length > TEXT_LENGTH

  const focus = (select?: { start: number; end: number }) => {
    field.current?.focus()
    if (select !== undefined) field.current?.setSelectionRange(select.start, select.end)
  }
  const replies = useCannedReplies(chat, noting ? '' : draft, (text, select) => {
    flushSync(() => write(text))
    focus(select)
  })
  // while a canned reply is being looked for, what stands there is no message yet
  // a colleague has the chat, and it is not decided yet what becomes of what was typed
  const kept = !noting && claim !== undefined && claim.state !== 'asked'
  const ready = draft.trim() !== '' && !tooLong && hindrance === undefined && !replies.opened && !kept
  const writeAs = (next: Mode) => {
    flushSync(() => setMode(next))
    focus()
  }
  useUiEvent('write', () => active && writeAs('message'))
  // who has taken a chat goes on typing: all of it belongs here, whoever has the chat in the end
  useUiEvent('takeOver', () => active && chat.status === 'open' && writeAs('message'))
  useUiEvent('note', () => active && writeAs('note'))

  return (
    <form
      className={styles.composer}
      data-mode={mode}
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) void submit()
      }}
    >
      <Refusal
        message={refusal ?? notTaken}
        onClose={() => {
          clear()
          clearNotTaken()
        }}
        closeLabel={texts.common.close}
      />
      {replies.opened && (
        <ReplyPicker
          id={replies.id}
          found={replies.found}
          chosen={replies.chosen}
          values={replies.values}
          onPick={replies.pick}
        />
      )}
      {noting && <p className={styles.only}>{texts.notes.only}</p>}
      {!noting && chat.status === 'closed' && (
        <p className={styles.anew}>
          {closed ? hindrance : texts.chat.composerAnew}
          {closed && other.chat && (
            <button type="button" onClick={() => other.chat && dispatch(chatOpened(other.chat.id))}>
              {texts.task.openChat}
            </button>
          )}
        </p>
      )}
      <div className={styles.box} data-off={hindrance !== undefined || undefined}>
        <Tooltip label={noting ? texts.notes.message : `${texts.notes.write} (M)`}>
          <ActionIcon
            className={styles.tool}
            variant="subtle"
            color="gray"
            aria-label={texts.notes.write}
            aria-pressed={noting}
            onClick={() => writeAs(noting ? 'message' : 'note')}
          >
            <NoteIcon />
          </ActionIcon>
        </Tooltip>
        {!noting && !closed && (
          <Tooltip label={texts.replies.pick}>
            <ActionIcon
              className={styles.tool}
              variant="subtle"
              color="gray"
              aria-label={texts.replies.title}
              onClick={() => {
                flushSync(() => write(draft === '' ? '/' : draft))
                focus()
              }}
              disabled={draft !== '' && draft !== '/'}
            >
              <ZapIcon />
            </ActionIcon>
          </Tooltip>
        )}
        <textarea
          ref={field}
          rows={1}
          value={draft}
          disabled={closed}
          aria-label={noting ? texts.notes.composer : texts.chat.composer(chat.playerSteamId64)}
          aria-invalid={tooLong || undefined}
          {...(replies.opened && replies.found.length > 0
            ? { 'aria-controls': replies.id, 'aria-activedescendant': `${replies.id}-${replies.chosen}` }
            : {})}
          placeholder={
            noting
              ? texts.notes.composer
              : closed
                ? texts.chat.composerClosed
                : (hindrance ?? invitation(chat, me, texts))
          }
          title={texts.chat.sendKey}
          onFocus={() => dispatch(chatActivated(chat.id))}
          onChange={(event) => write(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (isComposing(event.nativeEvent)) return
            if (replies.press(event.key)) {
              event.preventDefault()
              return
            }
            if (event.key === 'Escape') event.currentTarget.blur()
            if (event.key !== 'Enter' || event.shiftKey) return
            event.preventDefault()
            if (ready) void submit()
          }}
        />
        {kept && draft !== '' && <span className={styles.kept}>{texts.lead.keptDraft}</span>}
        {length > TEXT_LENGTH - 200 && (
          <span className={styles.left} data-over={tooLong || undefined}>
            {TEXT_LENGTH - length}
          </span>
        )}
        <Tooltip label={noting ? texts.notes.add : sending ? texts.chat.sending : texts.chat.send}>
          <ActionIcon
            type="submit"
            size="lg"
            radius="md"
            loading={sending && draft === ''}
            disabled={!ready}
            aria-label={noting ? texts.notes.add : texts.chat.send}
          >
            {noting ? <NoteIcon /> : <PaperAirplaneIcon />}
          </ActionIcon>
        </Tooltip>
      </div>
    </form>
  )
}

interface Standing {
  readonly chat: Chat
  readonly paused: boolean
  readonly listed: boolean
  readonly botGone: boolean
  readonly other: OtherContact
}

/** Why nothing can be said to the player; undefined when it can, in a chat that has ended by beginning a new one. */
function whyNot({ chat, paused, listed, botGone, other }: Standing, texts: Texts): string | undefined {
  const ended = chat.status === 'closed' ? `${texts.chat.composerClosed}. ` : ''
  if (botGone) return `${ended}${texts.chat.composerBotGone}`
  if (listed) return `${ended}${texts.chat.composerLeftAlone}`
  if (ended !== '' && other.chat) return `${ended}${texts.chat.composerElsewhere}`
  if (ended !== '' && other.task) return `${ended}${texts.chat.composerTask}`
  return paused ? `${ended}${texts.chat.composerPaused}` : undefined
}

/** What stands in the empty field: what writing here would mean. */
function invitation(chat: Chat, me: string | undefined, texts: Texts): string {
  if (chat.status === 'closed') return texts.chat.composer(chat.playerSteamId64)
  if (chat.agentEnabled) return texts.chat.composerTakes
  if (isPerson(chat.owner) && chat.owner !== me) return texts.lead.besides(actorName(chat.owner, texts))
  return texts.chat.composer(chat.playerSteamId64)
}
