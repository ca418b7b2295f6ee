import { Popover, UnstyledButton } from '@mantine/core'
import { useMemo, useState } from 'react'

import type { ChatId } from '@/contract/ids'
import { actorName } from '@/explain/explain'
import { playerName } from '@/explain/player'
import styles from '@/features/team/TeamBar.module.css'
import { useTexts } from '@/i18n/useTexts'
import { useMe } from '@/session/identity'
import { type Colleague, colleagues } from '@/store/slices/presence'
import { chatOpened } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { Avatar } from '@/ui/Avatar'

const SHOWN = 4

/** The colleagues who are here, and on demand where each of them is. */
export function TeamBar() {
  const texts = useTexts()
  const me = useMe()
  const pages = useAppSelector((state) => state.presence)
  const others = useMemo(() => colleagues(pages, me), [pages, me])
  const [opened, setOpened] = useState(false)
  if (others.length === 0) return null
  return (
    <Popover position="bottom-end" shadow="md" width={300} trapFocus opened={opened} onChange={setOpened}>
      <Popover.Target>
        <UnstyledButton
          className={styles.bar}
          title={texts.team.here(others.length)}
          onClick={() => setOpened(!opened)}
        >
          {others.slice(0, SHOWN).map((other) => {
            const name = actorName(other.actor, texts)
            return <Avatar key={other.actor} name={name} away={!other.here} typing={other.typing} title={name} />
          })}
          {others.length > SHOWN && <span className={styles.more}>+{others.length - SHOWN}</span>}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={texts.team.title}>
        <ul className={styles.list} tabIndex={0}>
          {others.map((other) => (
            <Person key={other.actor} person={other} onLeave={() => setOpened(false)} />
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  )
}

function Person({ person, onLeave }: { person: Colleague; onLeave: () => void }) {
  const texts = useTexts()
  const name = actorName(person.actor, texts)
  const state = person.typing ? texts.team.typing : person.here ? texts.team.isHere : texts.team.away
  return (
    <li className={styles.person}>
      <Avatar name={name} away={!person.here} typing={person.typing} title={name} />
      <div className={styles.where}>
        <p>
          <strong>{name}</strong> <span>{state}</span>
        </p>
        {person.chats.map((id) => (
          <ChatLink key={id} id={id} onLeave={onLeave} />
        ))}
      </div>
    </li>
  )
}

function ChatLink({ id, onLeave }: { id: ChatId; onLeave: () => void }) {
  const dispatch = useAppDispatch()
  const title = useAppSelector(({ replica }) => {
    const chat = replica.chats.get(id)
    return chat && (replica.tasks.get(chat.taskId ?? '')?.item ?? playerName(chat.playerSteamId64, replica.players))
  })
  if (title === undefined) return null
  return (
    <button
      type="button"
      className={styles.chat}
      onClick={() => {
        dispatch(chatOpened(id))
        onLeave()
      }}
    >
      {title}
    </button>
  )
}
