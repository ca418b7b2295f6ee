import { AlertIcon, CheckIcon, ClockIcon, PaperAirplaneIcon, QuestionIcon } from '@primer/octicons-react'
import { memo } from 'react'

import { useCommand } from '@/commands/useCommand'
import type { Chat, Message } from '@/contract/rows'
import styles from '@/features/multichat/Bubble.module.css'
import { actorName } from '@/explain/explain'
import { explainFailure } from '@/explain/told'
import { clockTime, exact } from '@/i18n/time'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import { useMe } from '@/session/useMe'
import { CommandButton } from '@/ui/CommandButton'

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

/** A line: who wrote it, when, and whether it has reached Steam. */
export const Bubble = memo(
  function Bubble({ chat, message, first, last }: Props) {
    const texts = useTexts()
    const language = useLanguage()
    const me = useMe()
    const again = useCommand('RetryMessage')
    const kind = message.from === 'player' ? 'player' : message.author.startsWith('agent:') ? 'agent' : 'person'
    const Icon = message.delivery === null ? undefined : ICONS[message.delivery]
    const author = message.author === me ? texts.chat.you : actorName(message.author, texts)
    return (
      <div className={styles.line} data-kind={kind} data-first={first || undefined} data-last={last || undefined}>
        {first && kind !== 'player' && (
          <div className={styles.author}>
            {author}
            {message.step !== null && <span> · {texts.chat.step(message.step)}</span>}
          </div>
        )}
        <div className={styles.bubble} data-delivery={message.delivery ?? undefined}>
          <span className={styles.text}>{message.text}</span>
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
        {message.delivery === 'failed' && (
          <div className={styles.failed}>
            <Failure message={message} refusal={again.refusal} />
            {message.retriedAs !== null ? (
              <span className={styles.retried}>{texts.retried}</span>
            ) : (
              chat.status === 'open' && (
                <CommandButton
                  command="RetryMessage"
                  size="compact-xs"
                  variant="subtle"
                  color="red"
                  loading={again.pending}
                  onClick={() => void again.run({ chatId: chat.id, messageId: message.id })}
                >
                  {texts.chat.retry}
                </CommandButton>
              )
            )}
          </div>
        )}
      </div>
    )
  },
  (before, after) =>
    before.message === after.message &&
    before.first === after.first &&
    before.last === after.last &&
    before.chat.status === after.chat.status,
)

/** Why a line was not sent, or why it cannot be sent again. */
function Failure({ message, refusal }: { message: Message; refusal: string | undefined }) {
  const { why, next, said } = explainFailure(message, useTexts())
  if (refusal !== undefined) return <span>{refusal}</span>
  return (
    <span>
      {why} {next} {said !== undefined && <q className={styles.said}>{said}</q>}
    </span>
  )
}
