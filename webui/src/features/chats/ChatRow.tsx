import { memo, useMemo } from 'react'

import { AgentIcon, AlertIcon, PersonIcon } from '@primer/octicons-react'

import type { Chat } from '@/contract/rows'
import { actorName, botName, explainChat } from '@/explain/explain'
import { shownText } from '@/explain/markup'
import styles from '@/features/chats/ChatRow.module.css'
import { chatGroup, lastActivity, waitingSince } from '@/features/chats/grouping'
import type { Texts } from '@/i18n/en/texts'
import { exact, span } from '@/i18n/time'
import { concernsMe } from '@/reading/unread'
import { useMe } from '@/session/identity'
import { isLost, isUndecided } from '@/store/delivery'
import { viewersOf } from '@/store/slices/presence'
import { chatOpened } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { Avatar } from '@/ui/Avatar'
import { PlayerName } from '@/ui/PlayerName'
import { PlayerPicture } from '@/ui/PlayerPicture'
import { useWords } from '@/ui/useWords'

interface Props {
  readonly chat: Chat
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
  const trouble = chat.status === 'open' ? troubleOf(chat, texts) : undefined
  const since = chatGroup(chat) === 'reply' ? waitingSince(chat) : lastActivity(chat)
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
        <time className={styles.time} data-tone={tone} title={exact(since, language)}>
          {span(now - since, texts)}
        </time>
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
        {trouble !== undefined && (
          <span className={styles.trouble} role="img" aria-label={trouble} title={trouble}>
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

/** What has gone wrong with our last words, so that somebody should look. */
function troubleOf({ messages }: Chat, texts: Texts): string | undefined {
  if (messages.some(isUndecided)) return texts.chat.undecided
  const ours = messages.findLast(({ from }) => from === 'bot')
  return ours !== undefined && isLost(ours) ? texts.chat.lost : undefined
}

/** The first thing that the explanation says: who leads. */
function leader(why: string): string {
  return why.split(', ', 1)[0] ?? why
}
