import type { SteamId64 } from '@/contract/ids'

/** The SteamID64 in what an operator pastes: the digits themselves, or a profile link that has them. */
export function steamIdIn(text: string): SteamId64 {
  const found = /(?:^|\/profiles\/|\D)(\d{17})(?:\D|$)/.exec(text)
  return (found?.[1] ?? text.trim()) as SteamId64
}
