import { useMemo } from 'react'

import type { ChatId } from '@/contract/ids'
import { actorName } from '@/explain/explain'
import styles from '@/features/multichat/Viewers.module.css'
import { useTexts } from '@/i18n/useTexts'
import { useMe } from '@/session/identity'
import { viewersOf } from '@/store/slices/presence'
import { useAppSelector } from '@/store/store'
import { Avatar } from '@/ui/Avatar'

/** The colleagues who view this chat, and who of them is typing, so that two do not answer at once. */
export function Viewers({ chatId }: { chatId: ChatId }) {
  const texts = useTexts()
  const me = useMe()
  const pages = useAppSelector((state) => state.presence)
  const others = useMemo(() => viewersOf(pages, chatId, me), [pages, chatId, me])
  if (others.length === 0) return null
  const names = (typing: boolean) =>
    others.filter((other) => other.typing === typing).map(({ actor }) => actorName(actor, texts))
  const writing = names(true)
  return (
    <p className={styles.company} role="status" data-typing={writing.length > 0 || undefined}>
      {others.map(({ actor, typing }) => (
        <Avatar key={actor} name={actorName(actor, texts)} typing={typing} title={actorName(actor, texts)} />
      ))}
      <span>{writing.length > 0 ? texts.team.areTyping(writing) : texts.team.areLooking(names(false))}</span>
    </p>
  )
}
