/** Links in what is said: where each leads by the browser's own reading, and whether that is Steam's community. */

export interface Link {
  /** As the browser opens it: what is shown and what is opened are read from one URL. */
  readonly href: string
  /** In ASCII, so that a letter of another alphabet shows. */
  readonly domain: string
  /** What follows, shortened to its end where it is long. */
  readonly tail: string
  /** steamcommunity.com itself, with nothing in front that could be taken for it. */
  readonly steam: boolean
}

export type Part = { readonly text: string } | Link

// neither spaces nor controls, marks of direction, or characters without a width
const LINK =
  /(?<![\w.@/-])(?:https?:\/\/|www\.|steamcommunity\.com\/)[^\s<>"\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]{1,2000}/gi
const AROUND = new Set(".,;:!?)]}'»”’…")
const STEAM = new Set(['steamcommunity.com', 'www.steamcommunity.com'])
const LONG = 24
const KEPT = 6

/** The text in its order, links apart. */
export function linkedParts(text: string): readonly Part[] {
  const parts: Part[] = []
  let at = 0
  for (const found of text.matchAll(LINK)) {
    const said = withoutPunctuation(found[0])
    const link = linkOf(said)
    if (link === undefined) continue
    if (found.index > at) parts.push({ text: text.slice(at, found.index) })
    parts.push(link)
    at = found.index + said.length
  }
  if (at < text.length) parts.push({ text: text.slice(at) })
  return parts
}

function linkOf(said: string): Link | undefined {
  const address = /^https?:/i.test(said) ? said : `https://${said}`
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  const { hostname, port, username, password } = url
  const rest = `${url.pathname}${url.search}${url.hash}`.replace(/^\/$/, '')
  return {
    href: url.href,
    domain: port === '' ? hostname : `${hostname}:${port}`,
    tail: rest.length > LONG ? `/…${rest.slice(-KEPT)}` : rest,
    steam: STEAM.has(hostname) && port === '' && username === '' && password === '',
  }
}

/** Without the end of the sentence that it stands in. */
function withoutPunctuation(said: string): string {
  let end = said.length
  while (end > 0 && AROUND.has(said[end - 1]!)) end -= 1
  return said.slice(0, end)
}
