import { Button } from '@mantine/core'
import { ArchiveIcon } from '@primer/octicons-react'

import type { CommandError } from '@/commands/send'
import type { Chat } from '@/contract/rows'
import { refusalText } from '@/explain/reasons'
import styles from '@/features/multichat/Composer.module.css'
import { moment } from '@/i18n/time'
import { useTexts } from '@/i18n/useTexts'
import { EmptyState } from '@/ui/EmptyState'
import { useWords } from '@/ui/useWords'

/** In the place of the composer, in a chat of the archive. */
export function InArchive({ chat }: { chat: Chat }) {
  const { texts, language, now } = useWords()
  return (
    <p className={styles.composer} data-mode="none" role="status">
      {texts.past.archived(moment(chat.closedAt ?? chat.startedAt, now, language))}
    </p>
  )
}

/** A chat that is neither live nor read from the archive yet. */
export function NotRead({ error, read }: { error: CommandError | undefined; read: () => void }) {
  const texts = useTexts()
  const hint = error === undefined ? texts.past.loading : `${texts.past.failed} ${refusalText(error, texts)}`
  return (
    <EmptyState icon={ArchiveIcon} title={texts.past.unread} hint={hint}>
      {error && (
        <Button size="xs" variant="default" onClick={read}>
          {texts.report.again}
        </Button>
      )}
    </EmptyState>
  )
}

/** The lines before the first one that is here. */
export function Earlier({ loading, failed, read }: { loading: boolean; failed: boolean; read: () => void }) {
  const texts = useTexts()
  return (
    <p style={{ textAlign: 'center' }}>
      <Button size="compact-sm" variant="subtle" loading={loading} onClick={read}>
        {failed ? `${texts.past.failed} ${texts.report.again}` : texts.past.earlier}
      </Button>
    </p>
  )
}
