import { useEffect, useState } from 'react'

import { newCommandId, send } from '@/commands/send'
import { clearTyping, markTyping } from '@/connection/reportPresence'
import type { ChatId } from '@/contract/ids'
import type { Chat } from '@/contract/rows'
import { refusalText } from '@/explain/reasons'
import { needsClaim } from '@/features/multichat/useClaim'
import { useTexts } from '@/i18n/useTexts'
import { firstUnfilled } from '@/replies/fill'
import { answerAwaited, chatOpened, draftWritten, noteWritten } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector, useAppStore } from '@/store/store'

/** Whether a message to the player or a note to the team is being written. */
export type Mode = 'message' | 'note'

export interface ComposerState {
  readonly mode: Mode
  readonly setMode: (mode: Mode) => void
  readonly draft: string
  readonly write: (text: string) => void
  readonly submit: () => Promise<void>
  readonly sending: boolean
  readonly refusal: string | undefined
  readonly clear: () => void
}

/** The state of the composer: the drafts of a message and of a note, and sending them. */
export function useComposer(chat: Chat, take: () => Promise<boolean>): ComposerState {
  const texts = useTexts()
  const store = useAppStore()
  const dispatch = useAppDispatch()
  const message = useAppSelector((state) => state.workspace.drafts[chat.id] ?? '')
  const note = useAppSelector((state) => state.workspace.noteDrafts[chat.id] ?? '')
  const [mode, setMode] = useState<Mode>(note !== '' && message === '' ? 'note' : 'message')
  const [sending, setSending] = useState(0)
  const [refusal, setRefusal] = useState<string>()
  // What is said in a chat that has ended begins a new one, which is shown in its place once it is known here.
  const [begun, setBegun] = useState<string | null>(null)
  const next = useAppSelector(({ replica }) => (begun === null ? undefined : chatThatSays(replica.chats, chat, begun)))
  useEffect(() => {
    if (next !== undefined) dispatch(chatOpened(next))
  }, [next, dispatch])

  const written = mode === 'note' ? noteWritten : draftWritten
  const draft = mode === 'note' ? note : message

  const submit = async () => {
    const text = draft.trim()
    const unfilled = mode === 'message' ? firstUnfilled(text) : undefined
    if (unfilled !== undefined) {
      setRefusal(texts.replies.unfilled(text.slice(unfilled.start, unfilled.end)))
      return
    }
    // read anew: who has just lost the chat, or waits to hear whose it is, must not write in it as if it were a colleague's
    const claim = mode === 'message' ? store.getState().claims[chat.id]?.state : undefined
    if (claim === 'lost' || claim === 'theirs') return
    setRefusal(undefined)
    setSending((count) => count + 1)
    dispatch(written({ chatId: chat.id, text: '' }))
    clearTyping()
    const keep = () => {
      const { drafts, noteDrafts } = store.getState().workspace
      const since = (mode === 'note' ? noteDrafts : drafts)[chat.id]
      dispatch(written({ chatId: chat.id, text: since ? `${text}\n${since}` : text }))
    }
    // The same words after an answer got lost are the same command: they may be with the player already. Kept with the
    // draft, so that they are so after a reload too, whether that was before the answer or after it got lost.
    const before = store.getState().workspace.unanswered[chat.id]
    const id = before?.text === text && before.mode === mode ? before.id : newCommandId()
    dispatch(answerAwaited({ chatId: chat.id, unanswered: { id, mode, text } }))
    if (mode === 'message' && (claim === 'asked' || needsClaim(chat)) && !(await take())) {
      dispatch(answerAwaited({ chatId: chat.id, unanswered: before ?? null }))
      setSending((count) => count - 1)
      keep()
      return
    }
    const outcome = await send(mode === 'note' ? 'AddNote' : 'SendMessage', { chatId: chat.id, text }, id)
    const lost = !outcome.ok && outcome.error.code === 'network'
    // what was sent since has an entry of its own
    if (!lost && store.getState().workspace.unanswered[chat.id]?.id === id) {
      dispatch(answerAwaited({ chatId: chat.id, unanswered: null }))
    }
    setSending((count) => count - 1)
    if (outcome.ok) {
      if (mode === 'message' && chat.status === 'closed') setBegun(outcome.id)
      return
    }
    setRefusal(refusalText(outcome.error, texts))
    keep()
  }

  return {
    mode,
    setMode: (next) => {
      setRefusal(undefined)
      setMode(next)
    },
    draft,
    write: (text) => {
      dispatch(written({ chatId: chat.id, text }))
      if (mode === 'note') return
      if (text.trim() === '') clearTyping()
      else markTyping(chat.id)
    },
    submit,
    sending: sending > 0,
    refusal,
    clear: () => setRefusal(undefined),
  }
}

/** The chat of the same bot and player that contains this message. */
function chatThatSays(chats: Iterable<Chat>, ended: Chat, message: string): ChatId | undefined {
  for (const { id, botId, playerSteamId64, messages } of chats) {
    if (playerSteamId64 !== ended.playerSteamId64 || botId !== ended.botId || id === ended.id) continue
    if (messages.some((one) => one.id === message)) return id
  }
  return undefined
}
