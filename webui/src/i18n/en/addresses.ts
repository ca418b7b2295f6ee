/** Addresses: links to what the page shows, and what they name that is not here. */
export const addressTexts = {
  playerFault: {
    vanity:
      'This link has a name of the player’s own, which tells no SteamID. Open it, and copy the SteamID or a trade link.',
    group: 'This is a group, and no player.',
    notSteam: 'This link does not lead to steamcommunity.com.',
    several: 'These are several players: give one.',
    unknown: 'This names no player. Give a SteamID64, Steam2, Steam3, a profile or a trade link.',
  },
  address: {
    copy: 'Copy the link',
    gone: 'It is not here',
    goneHint: 'It was removed, it ended long ago, or the link is one to another system.',
    notSteam: 'not Steam',
  },
}
