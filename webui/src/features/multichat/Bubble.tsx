import { AlertIcon, CheckIcon, ClockIcon, PaperAirplaneIcon, QuestionIcon } from '@primer/octicons-react'
import { memo } from 'react'

import type { Chat, Message } from '@/contract/rows'
import { actorName } from '@/explain/explain'
import { shownText } from '@/explain/markup'
import { explainDelivery } from '@/explain/reasons'
import styles from '@/features/multichat/Bubble.module.css'
import { DeliveryStatus } from '@/features/multichat/DeliveryStatus'
import { clockTime, exact } from '@/i18n/time'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import { useMe } from '@/session/identity'
import { LinkedText } from '@/ui/LinkedText'

interface Props {
  readonly chat: Chat
  readonly message: Message
  readonly first: boolean
  readonly last: boolean
}

const ICONS = {
  queued: ClockIcon,
  sending: PaperAirplaneIcon,
  sent: CheckIcon,
  inDoubt: QuestionIcon,
  failed: AlertIcon,
}

/** One message: author, time and delivery status. */
export const Bubble = memo(
  function Bubble({ chat, message, first, last }: Props) {
    const texts = useTexts()
    const language = useLanguage()
    const me = useMe()
    const kind = message.from === 'player' ? 'player' : message.author.startsWith('agent:') ? 'agent' : 'person'
    const reason = explainDelivery(message, texts)
    const Icon = message.delivery === null ? undefined : ICONS[message.delivery]
    const author = message.author === me ? texts.chat.you : actorName(message.author, texts)
    return (
      <div className={styles.line} data-kind={kind} data-first={first || undefined} data-last={last || undefined}>
        {first && kind !== 'player' && (
          <div className={styles.author}>
            {author}
            {message.authorVersion !== null && <span> {message.authorVersion}</span>}
            {message.step !== null && <span> · {texts.chat.step(message.step)}</span>}
          </div>
        )}
        <div className={styles.bubble} data-delivery={message.delivery ?? undefined}>
          <bdi className={styles.text}>
            <LinkedText text={shownText(message, texts)} />
          </bdi>
          <span className={styles.meta}>
            <time title={exact(message.ts, language)}>{clockTime(message.ts, language)}</time>
            {Icon && message.delivery && (
              <span
                role="img"
                aria-label={texts.chat.delivery[message.delivery]}
                title={texts.chat.delivery[message.delivery]}
              >
                <Icon size={12} />
              </span>
            )}
          </span>
        </div>
        {reason !== undefined && <DeliveryStatus chat={chat} message={message} reason={reason} />}
      </div>
    )
  },
  (before, after) =>
    before.message === after.message &&
    before.first === after.first &&
    before.last === after.last &&
    before.chat.status === after.chat.status,
)
