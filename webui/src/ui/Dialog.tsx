import { Modal, Text } from '@mantine/core'
import type { ReactNode } from 'react'

import { useTexts } from '@/i18n/useTexts'

interface Props {
  readonly opened: boolean
  readonly onClose: () => void
  readonly title: string
  readonly size?: 'sm' | 'md' | 'xl'
  /** Goes only by its own buttons: neither by Escape nor by a click beside it. */
  readonly hold?: boolean
  readonly children: ReactNode
}

/** A modal dialog with a title and a close button. */
export function Dialog({ opened, onClose, title, size = 'md', hold = false, children }: Props) {
  const texts = useTexts()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size={size}
      closeOnEscape={!hold}
      closeOnClickOutside={!hold}
      title={
        <Text component="span" fw={600}>
          {title}
        </Text>
      }
      // no landmark of the page: of two dialogs, one over the other, each would have its banner
      attributes={{ header: { role: 'none' } }}
      closeButtonProps={{ 'aria-label': texts.common.close }}
    >
      {children}
    </Modal>
  )
}
