import { Button } from '@mantine/core'
import { LinkExternalIcon } from '@primer/octicons-react'
import { useState } from 'react'

import { useCommand } from '@/commands/useCommand'
import type { SteamId64 } from '@/contract/ids'
import { actorName } from '@/explain/explain'
import { useTexts } from '@/i18n/useTexts'
import { useAppSelector } from '@/store/store'
import { Ask } from '@/ui/Ask'
import card from '@/ui/Card.module.css'
import { Fact, Facts, Why } from '@/ui/Facts'

/** The person: what must be remembered about them, and the wish to be left alone. */
export function PlayerCard({ steamId64 }: { steamId64: SteamId64 }) {
  const texts = useTexts()
  const player = useAppSelector((state) => state.replica.players.get(steamId64))
  const add = useCommand('AddDoNotContact')
  const remove = useCommand('RemoveDoNotContact')
  const [asking, setAsking] = useState(false)
  const listed = player?.doNotContact ?? null
  const command = listed === null ? add : remove
  return (
    <section className={card.card} aria-label={texts.chat.player}>
      <Facts>
        <Fact name={texts.chat.player}>
          <a href={`https://steamcommunity.com/profiles/${steamId64}`} target="_blank" rel="noreferrer">
            {steamId64} <LinkExternalIcon size={12} />
          </a>
        </Fact>
      </Facts>
      {listed !== null && (
        <Why
          tone="bad"
          why={texts.player.leftAlone(
            texts.player.doNotContactReason[listed.reason] ?? listed.reason,
            actorName(listed.by, texts),
          )}
        />
      )}
      {player?.inviteRefusal && <Why tone="wait" why={texts.player.refused[player.inviteRefusal]} />}
      <div className={card.actions}>
        <Button size="xs" variant="default" onClick={() => setAsking(true)}>
          {listed === null ? texts.player.leaveAlone : texts.player.contactAgain}
        </Button>
      </div>
      <Ask
        opened={asking}
        title={listed === null ? texts.player.leaveAloneTitle : texts.player.contactAgainTitle}
        hint={listed === null ? texts.player.leaveAloneHint : texts.player.contactAgainHint}
        confirm={listed === null ? texts.player.leaveAlone : texts.player.contactAgain}
        cancel={texts.common.cancel}
        danger={listed === null}
        pending={command.pending}
        refusal={command.error?.message}
        onConfirm={() => void command.run({ playerSteamId64: steamId64 }).then(({ ok }) => ok && setAsking(false))}
        onClose={() => setAsking(false)}
      />
    </section>
  )
}
