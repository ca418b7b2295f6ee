import { useState } from 'react'

import type { SteamId64 } from '@/contract/ids'
import { useTexts } from '@/i18n/useTexts'
import { Ask } from '@/ui/Ask'
import { useSignal } from '@/ui/signals'
import { SteamProfile } from '@/ui/SteamProfile'
import { useCommand } from '@/ui/useCommand'

/** Asks before a player may be invited who may have declined already, from wherever that was wanted. */
export function AllowInvite() {
  const texts = useTexts()
  const allow = useCommand('AllowInvite')
  const [player, setPlayer] = useState<SteamId64>()
  useSignal('allowInvite', (about) => {
    allow.clear()
    setPlayer(about as SteamId64)
  })
  return (
    <Ask
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
    </Ask>
  )
}
