import { Button, Group, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'

import { Dialog } from '@/ui/Dialog'
import { Refusal } from '@/ui/Refusal'

interface Props {
  readonly opened: boolean
  readonly title: string
  readonly hint?: string | undefined
  readonly confirm: string
  readonly cancel: string
  readonly danger?: boolean
  /** The way back has the focus, and not the deed. */
  readonly careful?: boolean
  readonly pending: boolean
  readonly refusal: string | undefined
  readonly onConfirm: () => void
  readonly onClose: () => void
  readonly children?: ReactNode
}

/** Asks for confirmation before a command that cannot be undone, and says what it will do. */
export function ConfirmDialog(props: Props) {
  return (
    <Dialog opened={props.opened} onClose={props.onClose} title={props.title}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          props.onConfirm()
        }}
      >
        <Stack gap="sm">
          {props.hint !== undefined && <Text size="sm">{props.hint}</Text>}
          {props.children}
          <Refusal message={props.refusal} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={props.onClose} data-autofocus={props.careful || undefined}>
              {props.cancel}
            </Button>
            <Button
              type="submit"
              loading={props.pending}
              data-autofocus={!props.careful || undefined}
              {...(props.danger ? { color: 'red' } : {})}
            >
              {props.confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
