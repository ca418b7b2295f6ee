import { LinkExternalIcon } from '@primer/octicons-react'

import type { SteamId64 } from '@/contract/ids'

/** A SteamID as a link to its Steam profile, behind the name where Steam has told one. */
export function SteamProfile({ steamId64 }: { steamId64: SteamId64 }) {
  return (
    <a href={`https://steamcommunity.com/profiles/${steamId64}`} target="_blank" rel="noreferrer">
      {steamId64} <LinkExternalIcon size={12} />
    </a>
  )
}
