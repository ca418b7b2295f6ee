import type { Chat, Message } from '@/contract/rows'
import type { Reason } from '@/explain/reasons'
import styles from '@/features/multichat/Bubble.module.css'
import { moment } from '@/i18n/time'
import { isPending } from '@/store/delivery'
import { CommandButton } from '@/ui/CommandButton'
import { useCommand } from '@/ui/useCommand'
import { useWords } from '@/ui/useWords'

interface Props {
  readonly chat: Chat
  readonly message: Message
  readonly reason: Reason
}

/** The delivery status of a message that was not simply sent, with retry and discard. */
export function DeliveryStatus({ chat, message, reason }: Props) {
  const { texts, now, language } = useWords()
  const again = useCommand('RetryMessage')
  const discard = useCommand('DiscardMessage')
  const { delivery, retriedAs, attempt } = message
  const over = delivery === 'failed' || delivery === 'inDoubt'
  const retryAt = attempt?.retryAt ?? 0
  const until = !over && retryAt > now ? texts.explain.retryAt(moment(retryAt, now, language)) : ''
  const refusal = again.refusal ?? discard.refusal
  const line = { chatId: chat.id, messageId: message.id }
  return (
    <div className={styles.fate} data-delivery={delivery}>
      <span>
        {refusal ?? (
          <>
            {reason.why} {reason.next} {until}{' '}
            {reason.said !== undefined && <q className={styles.said}>{reason.said}</q>}
          </>
        )}
      </span>
      {retriedAs !== null && <span className={styles.retried}>{texts.retried}</span>}
      <div className={styles.choice}>
        {over && retriedAs === null && chat.status === 'open' && (
          <CommandButton
            command="RetryMessage"
            size="compact-xs"
            variant="subtle"
            color="red"
            loading={again.pending}
            onClick={() => void again.run(line)}
          >
            {texts.chat.retry}
          </CommandButton>
        )}
        {isPending(message) && (
          <CommandButton
            command="DiscardMessage"
            size="compact-xs"
            variant="subtle"
            color="gray"
            loading={discard.pending}
            onClick={() => void discard.run(line)}
          >
            {texts.chat.discard}
          </CommandButton>
        )}
      </div>
    </div>
  )
}
