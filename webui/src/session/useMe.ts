import { createContext, useContext } from 'react'

import type { Role } from '@/contract/enums'

/** Whom the server takes this browser for. */
export interface Who {
  /** Such as `operator:anna`. */
  readonly actor: string
  readonly role: Role
  /** What it is known by: a password can be changed, a session be ended. */
  readonly by: 'password' | 'link' | 'token'
}

/** Undefined while it is not known. */
export const Me = createContext<Who | undefined>(undefined)

/** The actor that the server takes this browser for; undefined while it is not known. */
export function useMe(): string | undefined {
  return useContext(Me)?.actor
}

export function useWho(): Who | undefined {
  return useContext(Me)
}

/** Ask the server who this is. Undefined when it does not say. */
export async function askWhoIAm(): Promise<Who | undefined> {
  try {
    const response = await fetch('/api/session', { credentials: 'same-origin' })
    return response.ok ? ((await response.json()) as Who) : undefined
  } catch {
    return undefined
  }
}
