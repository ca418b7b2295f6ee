/** The API for operators and tokens: read them, and change them as an admin. */
import { type CommandError, sendForm } from '@/commands/send'
import type { Role } from '@/contract/enums'

export interface OperatorInfo {
  readonly name: string
  readonly role: Role
  readonly createdAt: number
  readonly hasPassword: boolean
  readonly disabled: boolean
  /** Browsers that are signed in. */
  readonly sessions: number
  readonly lastSeenAt?: number
  readonly linkEndsAt?: number
  readonly blockedUntil?: number
  /** By what it can be proved; left out where there is none. */
  readonly secondFactor?: readonly ('code' | 'key')[]
  readonly recoveryLeft?: number
  /** The role takes one, and it is set up at the next sign-in. */
  readonly mustEnrol?: boolean
}

export interface TokenInfo {
  readonly name: string
  readonly kind: 'operator' | 'notebook'
  readonly role: Role
  readonly createdAt: number
  readonly endsAt?: number
  readonly lastUsedAt?: number
}

export interface Access {
  readonly operators: readonly OperatorInfo[]
  readonly tokens: readonly TokenInfo[]
}

/** Undefined when the server does not give it. */
export async function readAccess(): Promise<Access | undefined> {
  try {
    const [people, tokens] = await Promise.all(
      ['/api/operators', '/api/tokens'].map(async (path) => {
        const response = await fetch(path, { credentials: 'same-origin' })
        if (!response.ok) throw new Error(`${path} answered ${response.status}`)
        return (await response.json()) as Partial<Access>
      }),
    )
    return { operators: people?.operators ?? [], tokens: tokens?.tokens ?? [] }
  } catch {
    return undefined
  }
}

export type AdminPath =
  | 'operators/add'
  | 'operators/role'
  | 'operators/link'
  | 'operators/sign-out'
  | 'operators/reset-second-factor'
  | 'operators/remove'
  | 'tokens/create'
  | 'tokens/revoke'

export interface AdminResponse {
  readonly error?: CommandError
  readonly link?: string
  readonly token?: string
}

/** Never throws. */
export function sendAdminForm(path: AdminPath, body: Readonly<Record<string, string>>): Promise<AdminResponse> {
  return sendForm<AdminResponse>(`/api/${path}`, body)
}
