import { useState } from 'react'

import type { SteamId64 } from '@/contract/ids'
import { useTexts } from '@/i18n/useTexts'
import { useAppSelector } from '@/store/store'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'

interface Asked {
  readonly player: SteamId64
  /** Whether the player is left alone already: what was asked is what is done, whatever happens meanwhile. */
  readonly listed: boolean
}

/** The confirmation dialog of AddDoNotContact and RemoveDoNotContact, opened by the event `doNotContact`. */
export function DoNotContact() {
  const texts = useTexts()
  const players = useAppSelector((state) => state.replica.players)
  const add = useCommand('AddDoNotContact')
  const remove = useCommand('RemoveDoNotContact')
  const [asked, setAsked] = useState<Asked>()
  useUiEvent('doNotContact', (about) => {
    add.clear()
    remove.clear()
    setAsked({ player: about as SteamId64, listed: (players.get(about)?.doNotContact ?? null) !== null })
  })
  const listed = asked?.listed === true
  const command = listed ? remove : add
  return (
    <ConfirmDialog
      opened={asked !== undefined}
      title={listed ? texts.player.contactAgainTitle : texts.player.leaveAloneTitle}
      hint={listed ? texts.player.contactAgainHint : texts.player.leaveAloneHint}
      confirm={listed ? texts.player.contactAgain : texts.player.leaveAlone}
      cancel={texts.common.cancel}
      danger={!listed}
      pending={command.pending}
      refusal={command.refusal}
      onConfirm={() =>
        asked && void command.run({ playerSteamId64: asked.player }).then(({ ok }) => ok && setAsked(undefined))
      }
      onClose={() => setAsked(undefined)}
    />
  )
}
