/** Whether a player's next invite waits for a person to allow it (AllowInvite). */
import type { SteamId64 } from '@/contract/ids'
import type { LeftBehind } from '@/contract/rows'
import type { Replica } from '@/store/replica'

/** An invite of an account that the player may still see. */
export interface Left extends LeftBehind {
  readonly account: SteamId64
}

/** The invites to the player that accounts have not taken back yet. */
export function invitesLeftWith(player: SteamId64, accounts: Replica['accounts']): readonly Left[] {
  const found: Left[] = []
  for (const { steamId64, leftBehind } of accounts) {
    for (const left of leftBehind) if (left.playerSteamId64 === player) found.push({ ...left, account: steamId64 })
  }
  return found
}

/** Whether AllowInvite has something to allow. What the player has surely refused, nobody lifts. */
export function mayAllowInvite(
  player: SteamId64,
  { players, accounts }: Pick<Replica, 'players' | 'accounts'>,
): boolean {
  const refusal = players.get(player)?.inviteRefusal ?? null
  return refusal === 'inDoubt' || (refusal === null && invitesLeftWith(player, accounts).length > 0)
}
