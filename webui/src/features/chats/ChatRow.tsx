import { memo, useMemo } from 'react'

import { AgentIcon, AlertIcon, PersonIcon } from '@primer/octicons-react'

import { actorName, botName, explainChat } from '@/explain/explain'
import { shownText } from '@/explain/markup'
import styles from '@/features/chats/ChatRow.module.css'
import { exact, span } from '@/i18n/time'
import type { NeedKind } from '@/queue/needs'
import { lastActivity, type QueueRow } from '@/queue/queue'
import { concernsMe } from '@/reading/unread'
import { useMe } from '@/session/identity'
import { viewersOf } from '@/store/slices/presence'
import { chatOpened } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { Avatar } from '@/ui/Avatar'
import { NeedChip } from '@/ui/NeedChip'
import { PlayerName } from '@/ui/PlayerName'
import { PlayerPicture } from '@/ui/PlayerPicture'
import { useWords } from '@/ui/useWords'

interface Props {
  readonly chat: QueueRow
  readonly unread: number
  readonly active: boolean
  readonly open: boolean
}

/** A chat in three lines: what about, what was said last, who with and who leads. */
export const ChatRow = memo(function ChatRow({ chat, unread, active, open }: Props) {
  const words = useWords()
  const { texts, now, language } = words
  const me = useMe()
  const dispatch = useAppDispatch()
  const task = useAppSelector((state) => (chat.taskId === null ? undefined : state.replica.tasks.get(chat.taskId)))
  const bot = useAppSelector((state) => state.replica.bots.get(chat.botId))
  const named = useAppSelector((state) => state.replica.players.get(chat.playerSteamId64)?.persona?.name != null)
  const pages = useAppSelector((state) => state.presence)
  const others = useMemo(() => viewersOf(pages, chat.id, me), [pages, chat.id, me])
  const { tone, why } = explainChat(chat, me, words)
  const last = chat.messages.at(-1)
  const [gravest, ...further] = chat.needs
  const unsent = further.find(({ kind }) => UNSENT.has(kind))
  const since = lastActivity(chat)
  return (
    <button
      type="button"
      className={styles.row}
      data-active={active || undefined}
      data-open={open || undefined}
      data-unread={(unread > 0 && concernsMe(chat, me)) || undefined}
      aria-current={active || undefined}
      onClick={() => dispatch(chatOpened(chat.id))}
    >
      <span className={styles.first}>
        <span className={styles.title}>{task?.item ?? <PlayerName steamId64={chat.playerSteamId64} />}</span>
        {gravest === undefined ? (
          <time className={styles.time} title={exact(since, language)}>
            {span(now - since, texts)}
          </time>
        ) : (
          <NeedChip need={gravest} />
        )}
      </span>
      <span className={styles.second}>
        <span className={styles.said}>
          {last === undefined ? (
            texts.empty.noMessages
          ) : (
            <>
              {last.from === 'bot' && (
                <span className={styles.ours}>
                  {last.author === me ? texts.chat.you : actorName(last.author, texts)}:{' '}
                </span>
              )}
              <bdi>{shownText(last, texts)}</bdi>
            </>
          )}
        </span>
        {unsent !== undefined && (
          <span
            className={styles.trouble}
            role="img"
            aria-label={texts.queue.why[unsent.kind]}
            title={texts.queue.why[unsent.kind]}
          >
            <AlertIcon size={14} />
          </span>
        )}
        {unread > 0 && (
          <span
            className={styles.badge}
            data-mine={concernsMe(chat, me) || undefined}
            aria-label={texts.count.unread(unread)}
          >
            {unread > 99 ? '99+' : unread}
          </span>
        )}
      </span>
      <span className={styles.third}>
        <span className={styles.lead} data-tone={tone} title={why}>
          {chat.agentEnabled ? <AgentIcon size={12} /> : <PersonIcon size={12} />}
          {leader(why)}
        </span>
        <span className={styles.who}>
          <PlayerPicture steamId64={chat.playerSteamId64} />
          {task !== undefined && (
            <span className={styles.player} data-named={named || undefined}>
              <PlayerName steamId64={chat.playerSteamId64} />
            </span>
          )}
          {bot && <span className={styles.bot}>· {botName(bot)}</span>}
        </span>
        {others.map(({ actor, typing }) => {
          const name = actorName(actor, texts)
          return (
            <Avatar
              key={actor}
              name={name}
              typing={typing}
              title={typing ? texts.team.areTyping([name]) : texts.team.areLooking([name])}
            />
          )
        })}
      </span>
    </button>
  )
})

/** What marks a row beside its chip: words of ours that did not arrive, or may not have. */
const UNSENT: ReadonlySet<NeedKind> = new Set(['notSent', 'inDoubt'])

/** The first thing that the explanation says: who leads. */
function leader(why: string): string {
  return why.split(', ', 1)[0] ?? why
}
