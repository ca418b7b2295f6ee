import { TextInput } from '@mantine/core'
import { useState } from 'react'

import type { TaskId } from '@/contract/ids'
import { ITEM_LENGTH } from '@/contract/limits'
import { useTexts } from '@/i18n/useTexts'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'

/** The confirmation dialog of DisposeTask, opened by the event `disposeTask`. */
export function DisposeTask() {
  const texts = useTexts()
  const dispose = useCommand('DisposeTask')
  const [id, setId] = useState<TaskId>()
  const [reason, setReason] = useState('')
  useUiEvent('disposeTask', (about) => {
    dispose.clear()
    setReason('')
    setId(about as TaskId)
  })
  return (
    <ConfirmDialog
      opened={id !== undefined}
      title={texts.task.disposeTitle}
      hint={texts.task.disposeHint}
      confirm={texts.task.dispose}
      cancel={texts.common.cancel}
      danger
      pending={dispose.pending}
      refusal={dispose.errorBeside('reason')}
      onConfirm={() =>
        id !== undefined &&
        void dispose
          .run({ taskId: id, reason: reason.trim() === '' ? null : reason.trim() })
          .then(({ ok }) => ok && setId(undefined))
      }
      onClose={() => setId(undefined)}
    >
      <TextInput
        label={texts.task.reason}
        value={reason}
        maxLength={ITEM_LENGTH}
        error={dispose.errorOf('reason')}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmDialog>
  )
}
