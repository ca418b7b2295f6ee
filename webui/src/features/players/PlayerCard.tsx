import type { SteamId64 } from '@/contract/ids'
import { actorName } from '@/explain/explain'
import { useTexts } from '@/i18n/useTexts'
import { useAppSelector } from '@/store/store'
import card from '@/ui/Card.module.css'
import { CommandButton } from '@/ui/CommandButton'
import { Fact, Facts, Why } from '@/ui/Facts'
import { signal } from '@/ui/signals'
import { SteamProfile } from '@/ui/SteamProfile'

/** The person: what must be remembered about them, and the wish to be left alone. */
export function PlayerCard({ steamId64 }: { steamId64: SteamId64 }) {
  const texts = useTexts()
  const player = useAppSelector((state) => state.replica.players.get(steamId64))
  const listed = player?.doNotContact ?? null
  return (
    <section className={card.card} aria-label={texts.chat.player}>
      <Facts>
        <Fact name={texts.chat.player}>
          <SteamProfile steamId64={steamId64} />
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
        <CommandButton
          command={listed === null ? 'AddDoNotContact' : 'RemoveDoNotContact'}
          size="xs"
          variant="default"
          onClick={() => signal('leaveAlone', steamId64)}
        >
          {listed === null ? texts.player.leaveAlone : texts.player.contactAgain}
        </CommandButton>
      </div>
    </section>
  )
}
