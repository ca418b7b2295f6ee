import type { Message } from '@/contract/rows'
import type { Texts } from '@/i18n/en/texts'

/** What the transport shows in place of Steam's markup (`plugins/steam/bbcode.py`): in English, as it is recorded. */
const SHOWN =
  /\((sticker|trade offer|image|dice roll|coin flip|effect|video|game invite|broadcast invite|group invite|emoticon|link)(: [^()]{0,40})?\)/g

/** A message's text in the reader's language: stickers, invites and the like of a player are named in it. */
export function shownText(message: Message, texts: Texts): string {
  if (message.from !== 'player' || !message.text.includes('(')) return message.text
  return message.text.replace(SHOWN, (whole, name: string, detail: string | undefined) => {
    const word = texts.chat.markup[name]
    return word === undefined ? whole : `(${word}${detail ?? ''})`
  })
}
