/** Who a player is, in words: the name that they have on Steam, and what they do there just now. */
import type { SteamId64 } from '@/contract/ids'
import type { Persona, Player } from '@/contract/rows'
import type { Texts } from '@/i18n/en/texts'
import type { Table } from '@/store/table'

/** The name, or the SteamID where Steam has told none. Foreign text: shown in a `bdi`. */
export function playerName(steamId64: SteamId64, players: Pick<Table<Player>, 'get'>): string {
  return players.get(steamId64)?.persona?.name ?? steamId64
}

/** The name and the SteamID, as one text for lists and labels that have no room for elements. */
export function playerLabel(steamId64: SteamId64, players: Pick<Table<Player>, 'get'>): string {
  const name = players.get(steamId64)?.persona?.name
  // isolated, so that a name in another direction turns nothing round that stands beside it
  return name == null ? steamId64 : `\u2068${name}\u2069 (${steamId64})`
}

/** What they do on Steam just now: their game, else their state; undefined where it is not known. */
export function playerActivity(persona: Persona | null | undefined, texts: Texts): string | undefined {
  if (persona == null) return undefined
  if (persona.game !== null) return texts.player.plays(`\u2068${persona.game}\u2069`)
  if (persona.gameId !== null) return texts.player.playsApp(persona.gameId)
  return persona.state === null ? undefined : texts.player.state[persona.state]
}
