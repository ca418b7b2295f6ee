import { useState } from 'react'

import { useTexts } from '@/i18n/useTexts'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'

/** Asks before a plugin is stopped, from wherever that was wanted. */
export function StopPlugin() {
  const texts = useTexts()
  const disable = useCommand('DisablePlugin')
  const [name, setName] = useState<string>()
  useUiEvent('stopPlugin', (about) => {
    disable.clear()
    setName(about)
  })
  return (
    <ConfirmDialog
      opened={name !== undefined}
      title={texts.plugin.disableTitle(name ?? '')}
      hint={texts.plugin.disableHint}
      confirm={texts.plugin.disable}
      cancel={texts.common.cancel}
      danger
      pending={disable.pending}
      refusal={disable.refusal}
      onConfirm={() => name !== undefined && void disable.run({ name }).then(({ ok }) => ok && setName(undefined))}
      onClose={() => setName(undefined)}
    />
  )
}
