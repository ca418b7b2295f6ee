import { createContext, useContext } from 'react'

/** The actor that the server takes this browser for, such as `operator:anna`; undefined while it is not known. */
export const Me = createContext<string | undefined>(undefined)

export function useMe(): string | undefined {
  return useContext(Me)
}

/** Ask the server who this is. Undefined when it does not say. */
export async function askWhoIAm(): Promise<string | undefined> {
  try {
    const response = await fetch('/api/session', { credentials: 'same-origin' })
    if (!response.ok) return undefined
    const { actor } = (await response.json()) as { actor?: string }
    return actor
  } catch {
    return undefined
  }
}
