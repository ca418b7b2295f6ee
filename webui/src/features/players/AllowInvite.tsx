import { useState } from 'react'

import type { SteamId64 } from '@/contract/ids'
import { useTexts } from '@/i18n/useTexts'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { SteamProfile } from '@/ui/SteamProfile'
import { useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'

/** The confirmation dialog of AllowInvite, opened by the event `allowInvite`. */
export function AllowInvite() {
  const texts = useTexts()
  const allow = useCommand('AllowInvite')
  const [player, setPlayer] = useState<SteamId64>()
  useUiEvent('allowInvite', (about) => {
    allow.clear()
    setPlayer(about as SteamId64)
  })
  return (
    <ConfirmDialog
      opened={player !== undefined}
      title={texts.player.allowInviteTitle}
      hint={texts.player.allowInviteHint}
      confirm={texts.player.allowInvite}
      cancel={texts.common.cancel}
      pending={allow.pending}
      refusal={allow.refusal}
      onConfirm={() =>
        player !== undefined && void allow.run({ playerSteamId64: player }).then(({ ok }) => ok && setPlayer(undefined))
      }
      onClose={() => setPlayer(undefined)}
    >
      {player !== undefined && <SteamProfile steamId64={player} />}
    </ConfirmDialog>
  )
}
