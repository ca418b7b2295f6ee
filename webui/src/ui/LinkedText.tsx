import { AlertIcon, LinkExternalIcon } from '@primer/octicons-react'
import { useMemo } from 'react'

import { linkedParts } from '@/explain/links'
import { useTexts } from '@/i18n/useTexts'
import styles from '@/ui/LinkedText.module.css'

/** What somebody said, its links live: each shows where it leads, and a warning where that is not Steam. */
export function LinkedText({ text }: { text: string }) {
  const texts = useTexts()
  const parts = useMemo(() => linkedParts(text), [text])
  return parts.map((part, index) =>
    'text' in part ? (
      part.text
    ) : (
      <a
        key={index}
        className={styles.link}
        data-elsewhere={!part.steam || undefined}
        href={part.href}
        title={part.href}
        target="_blank"
        rel="noopener noreferrer"
      >
        {part.steam ? <LinkExternalIcon size={12} /> : <AlertIcon size={12} />} <bdi>{part.domain}</bdi>
        <bdi>{part.tail}</bdi>
        {!part.steam && <span className={styles.elsewhere}> {texts.address.notSteam}</span>}
      </a>
    ),
  )
}
