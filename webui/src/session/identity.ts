import { createContext, useContext } from 'react'

import type { Role } from '@/contract/enums'

/** The identity of this browser's operator, as the server knows it. */
export interface Identity {
  /** Such as `operator:anna`. */
  readonly actor: string
  readonly role: Role
  /** What it is known by: a password can be changed, a session be ended. */
  readonly by: 'password' | 'link' | 'token'
}

/** Undefined while it is not known. */
export const Me = createContext<Identity | undefined>(undefined)

/** The actor of this browser's operator; undefined while it is not known. */
export function useMe(): string | undefined {
  return useContext(Me)?.actor
}

export function useIdentity(): Identity | undefined {
  return useContext(Me)
}

/** Fetches the identity from the server. Undefined when there is none. */
export async function fetchIdentity(): Promise<Identity | undefined> {
  try {
    const response = await fetch('/api/session', { credentials: 'same-origin' })
    return response.ok ? ((await response.json()) as Identity) : undefined
  } catch {
    return undefined
  }
}
