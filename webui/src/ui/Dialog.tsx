import { Modal, Text } from '@mantine/core'
import type { ReactNode } from 'react'

import { useTexts } from '@/i18n/useTexts'

interface Props {
  readonly opened: boolean
  readonly onClose: () => void
  readonly title: string
  readonly size?: 'sm' | 'md' | 'xl'
  readonly children: ReactNode
}

/** A window over the page, with a name and a way out. */
export function Dialog({ opened, onClose, title, size = 'md', children }: Props) {
  const texts = useTexts()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size={size}
      title={
        <Text component="span" fw={600}>
          {title}
        </Text>
      }
      closeButtonProps={{ 'aria-label': texts.common.close }}
    >
      {children}
    </Modal>
  )
}
