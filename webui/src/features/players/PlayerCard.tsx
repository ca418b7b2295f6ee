import { useMemo } from 'react'

import type { SteamId64 } from '@/contract/ids'
import { actorName } from '@/explain/explain'
import { invitesLeftWith, mayAllowInvite } from '@/explain/inviteDoubt'
import { playerActivity } from '@/explain/player'
import { exact, moment } from '@/i18n/time'
import { useAppSelector } from '@/store/store'
import card from '@/ui/Card.module.css'
import { CommandButton } from '@/ui/CommandButton'
import { Fact, Facts, Why } from '@/ui/Facts'
import { PlayerName } from '@/ui/PlayerName'
import { PlayerPicture } from '@/ui/PlayerPicture'
import { SteamProfile } from '@/ui/SteamProfile'
import { emit } from '@/ui/uiEvents'
import { useWords } from '@/ui/useWords'

/** The details of a player: do-not-contact, refused invites, and the commands for them. */
export function PlayerCard({ steamId64 }: { steamId64: SteamId64 }) {
  const { texts, language, now } = useWords()
  const players = useAppSelector((state) => state.replica.players)
  const accounts = useAppSelector((state) => state.replica.accounts)
  const player = players.get(steamId64)
  const left = useMemo(() => invitesLeftWith(steamId64, accounts), [steamId64, accounts])
  const listed = player?.doNotContact ?? null
  const persona = player?.persona
  const activity = playerActivity(persona, texts)
  return (
    <section className={card.card} aria-label={texts.chat.player}>
      <Facts>
        {persona?.name != null && (
          <Fact name={texts.player.name}>
            <PlayerPicture steamId64={steamId64} /> <PlayerName steamId64={steamId64} />
          </Fact>
        )}
        <Fact name={texts.chat.player}>
          <SteamProfile steamId64={steamId64} />
        </Fact>
        {activity !== undefined && <Fact name={texts.player.lastSeen}>{activity}</Fact>}
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
      {left.length > 0 && <Why tone="wait" why={texts.player.leftBehind} />}
      {left.length > 0 && (
        <Facts>
          {left.map(({ account, since }) => (
            <Fact key={account} name={account} title={exact(since, language)}>
              {moment(since, now, language)}
            </Fact>
          ))}
        </Facts>
      )}
      <div className={card.actions}>
        {mayAllowInvite(steamId64, { players, accounts }) && (
          <CommandButton command="AllowInvite" size="xs" onClick={() => emit('allowInvite', steamId64)}>
            {texts.player.allowInvite}
          </CommandButton>
        )}
        <CommandButton
          command={listed === null ? 'AddDoNotContact' : 'RemoveDoNotContact'}
          size="xs"
          variant="default"
          onClick={() => emit('doNotContact', steamId64)}
        >
          {listed === null ? texts.player.leaveAlone : texts.player.contactAgain}
        </CommandButton>
      </div>
    </section>
  )
}
