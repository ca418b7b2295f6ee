/** Addresses: links to what the page shows, and what they name that is not here. */
export const addressTexts = {
  address: {
    copy: 'Copy the link',
    gone: 'It is not here',
    goneHint: 'It was removed, it ended long ago, or the link is one to another system.',
    notSteam: 'not Steam',
  },
}
