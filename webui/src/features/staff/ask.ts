/** What the server knows of who may come in, and what an admin asks of it. */
import { type CommandError, sendForm } from '@/commands/send'
import type { Role } from '@/contract/enums'

export interface OperatorSeen {
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
}

export interface TokenSeen {
  readonly name: string
  readonly kind: 'operator' | 'notebook'
  readonly role: Role
  readonly createdAt: number
  readonly endsAt?: number
  readonly lastUsedAt?: number
}

export interface Staff {
  readonly operators: readonly OperatorSeen[]
  readonly tokens: readonly TokenSeen[]
}

/** Undefined when the server does not give it. */
export async function readStaff(): Promise<Staff | undefined> {
  try {
    const [people, tokens] = await Promise.all(
      ['/api/operators', '/api/tokens'].map(async (path) => {
        const response = await fetch(path, { credentials: 'same-origin' })
        if (!response.ok) throw new Error(`${path} answered ${response.status}`)
        return (await response.json()) as Partial<Staff>
      }),
    )
    return { operators: people?.operators ?? [], tokens: tokens?.tokens ?? [] }
  } catch {
    return undefined
  }
}

export type StaffPath =
  | 'operators/add'
  | 'operators/role'
  | 'operators/link'
  | 'operators/sign-out'
  | 'operators/remove'
  | 'tokens/create'
  | 'tokens/revoke'

export interface Answer {
  readonly error?: CommandError
  readonly link?: string
  readonly token?: string
}

/** Never throws. */
export function askStaff(path: StaffPath, body: Readonly<Record<string, string>>): Promise<Answer> {
  return sendForm<Answer>(`/api/${path}`, body)
}
