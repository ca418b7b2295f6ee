/** Whether an invite to a player waits for a person who looks and allows it. */
import type { SteamId64 } from '@/contract/ids'
import type { LeftBehind } from '@/contract/rows'
import type { Replica } from '@/store/replica'

/** An invite that an account has left with the player. */
export interface Left extends LeftBehind {
  readonly account: SteamId64
}

/** What accounts that are no bots any more, or not online, have left with the player and still have to take back. */
export function leftWith(player: SteamId64, accounts: Replica['accounts']): readonly Left[] {
  const found: Left[] = []
  for (const { steamId64, leftBehind } of accounts) {
    for (const left of leftBehind) if (left.playerSteamId64 === player) found.push({ ...left, account: steamId64 })
  }
  return found
}

/** Whether AllowInvite has something to allow. What the player has surely refused, nobody lifts. */
export function mayBeAllowed(player: SteamId64, { players, accounts }: Pick<Replica, 'players' | 'accounts'>): boolean {
  const refusal = players.get(player)?.inviteRefusal ?? null
  return refusal === 'inDoubt' || (refusal === null && leftWith(player, accounts).length > 0)
}
