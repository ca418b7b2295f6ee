import { useCallback, useEffect, useState } from 'react'

import { type PanelCard, readPanels } from '@/features/plugins/readPanels'

const EVERY_MS = 5_000

interface Panels {
  /** Undefined until they have come for the first time. */
  readonly cards: readonly PanelCard[] | undefined
  /** The last try brought none: what is shown is older. */
  readonly failed: boolean
  /** Read them at once. */
  readonly refresh: () => void
}

/** The plugins' panels, read anew every few seconds while the page is in sight, and when `edition` is another. */
export function usePanels(edition: string): Panels {
  const [cards, setCards] = useState<readonly PanelCard[]>()
  const [failed, setFailed] = useState(false)
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    const reading = new AbortController()
    let timer: ReturnType<typeof setTimeout>
    const look = async () => {
      if (document.visibilityState === 'visible') {
        const found = await readPanels(reading.signal)
        if (reading.signal.aborted) return
        setFailed(found === undefined)
        if (found !== undefined) setCards(found)
      }
      timer = setTimeout(() => void look(), EVERY_MS)
    }
    void look()
    return () => {
      reading.abort()
      clearTimeout(timer)
    }
  }, [edition, asked])
  return { cards, failed, refresh: useCallback(() => setAsked((before) => before + 1), []) }
}
