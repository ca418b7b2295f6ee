/**
 * The player in what an operator pastes: SteamID64, Steam2, Steam3, a profile or a trade link. The forms are those of
 * https://developer.valvesoftware.com/wiki/SteamID; `partner` of a trade link is the account's number.
 */
import type { SteamId64 } from '@/contract/ids'
import { linkedParts } from '@/explain/links'

/** Why what was pasted names no player; each has a text. */
export type PlayerFault = 'vanity' | 'group' | 'notSteam' | 'several' | 'unknown'

type Found = { readonly steamId64: SteamId64 } | { readonly fault: PlayerFault }

/** An individual account of the public universe has this added to its number. */
const INDIVIDUAL = 76561197960265728n
const GROUPS = 103582791429521408n
const NUMBERS = 0xffffffffn
const LONGEST = 500

/** The SteamID64, or what was pasted, for the server to judge. */
export function steamIdIn(text: string): SteamId64 {
  const found = playerIn(text)
  return 'steamId64' in found ? found.steamId64 : (text.trim() as SteamId64)
}

/** Why this names no player; undefined where it does, or nothing was pasted yet. */
export function playerFault(text: string): PlayerFault | undefined {
  if (text.trim() === '') return undefined
  const found = playerIn(text)
  return 'fault' in found ? found.fault : undefined
}

function playerIn(text: string): Found {
  const said = text.slice(0, LONGEST).trim()
  const link = linkedParts(said).find((part) => 'href' in part)
  if (link !== undefined && 'href' in link) return link.steam ? inLink(new URL(link.href)) : { fault: 'notSteam' }
  return inText(said)
}

function inLink(url: URL): Found {
  const partner = url.searchParams.get('partner')
  if (url.pathname.startsWith('/tradeoffer/') && partner !== null) {
    return /^\d{1,10}$/.test(partner) ? byNumber(BigInt(partner)) : { fault: 'unknown' }
  }
  const [, kind, name = ''] = url.pathname.split('/')
  if (kind === 'profiles') return inText(decoded(name))
  if (kind === 'id') return { fault: 'vanity' }
  return { fault: kind === 'groups' || kind === 'gid' ? 'group' : 'unknown' }
}

function inText(said: string): Found {
  const [, odd, half] = /^STEAM_[01]:([01]):(\d{1,10})$/i.exec(said) ?? []
  if (odd !== undefined && half !== undefined) return byNumber(BigInt(half) * 2n + BigInt(odd))
  const [, number] = /^\[?U:1:(\d{1,10})(?::1)?\]?$/i.exec(said) ?? []
  if (number !== undefined) return byNumber(BigInt(number))
  if (/^\[?g:1:/i.test(said)) return { fault: 'group' }
  const numbers = new Set(said.match(/\d+/g)?.filter(({ length }) => length === 17 || length === 18))
  if (numbers.size > 1) return { fault: 'several' }
  const [only] = numbers
  if (only === undefined) return { fault: 'unknown' }
  const id = BigInt(only)
  if (id >= GROUPS) return { fault: 'group' }
  return byNumber(id - INDIVIDUAL)
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return ''
  }
}

function byNumber(number: bigint): Found {
  if (number <= 0n || number > NUMBERS) return { fault: 'unknown' }
  return { steamId64: String(INDIVIDUAL + number) as SteamId64 }
}
