/** Signing in and out: what is sent to the server, and why it refused. */
import { type CommandError, sendForm } from '@/commands/send'

export type SignInPath =
  | 'sign-in'
  | 'sign-in/code'
  | 'sign-in/enrol'
  | 'sign-in/enrolled'
  | 'sign-in/key'
  | 'sign-in/key/options'
  | 'welcome'
  | 'sign-out'
  | 'password'
  | 'proof'
  | 'proof/key'
  | 'proof/key-options'
  | 'second-factor/keys/options'
  | 'second-factor/keys/add'
  | 'second-factor/keys/remove'
  | 'second-factor/begin'
  | 'second-factor/confirm'
  | 'second-factor/recovery-codes'
  | 'second-factor/remove'

export type Way = 'code' | 'key'

/** A key of the person's, without what it is known by. */
export interface SecurityKey {
  readonly name: string
  /** The name of the site that it is good for. */
  readonly host: string
  readonly createdAt: number
  readonly usedAt?: number
}

/** What the server answers: done, or what comes next, or why not. */
export interface SignInAnswer {
  readonly error?: CommandError
  /** The password was right, and there is no session yet. */
  readonly next?: 'secondFactor' | 'enrolment'
  /** Stands for this sign-in at its next step. */
  readonly ticket?: string
  readonly ways?: readonly Way[]
  /** A new secret, to be set up in an app. */
  readonly secret?: string
  readonly uri?: string
  /** The rows of its QR code, `1` is dark. */
  readonly qr?: readonly string[]
  readonly recoveryCodes?: readonly string[]
  /** What the browser is to ask a key for. */
  readonly options?: unknown
}

/** A person's own second factor, as the server tells it. */
export interface SecondFactor {
  readonly mode: 'off' | 'optional' | 'required'
  readonly required?: boolean
  readonly ways?: readonly Way[]
  readonly since?: number
  readonly recoveryLeft?: number
  readonly keys?: readonly SecurityKey[]
}

/** Never throws: what stands against it is in the answer. */
export function sendSignIn(path: SignInPath, body: Readonly<Record<string, unknown>> = {}): Promise<SignInAnswer> {
  return sendForm<SignInAnswer>(`/api/${path}`, body)
}

/** Undefined when the server does not give it; `token` for whoever came by a token's link, and has no password here. */
export async function readSecondFactor(): Promise<SecondFactor | 'token' | undefined> {
  try {
    const response = await fetch('/api/second-factor', { credentials: 'same-origin' })
    const body = (await response.json()) as SecondFactor & { readonly error?: CommandError }
    if (response.ok) return body
    return body.error?.code === 'notSignedInByPassword' ? 'token' : undefined
  } catch {
    return undefined
  }
}

export interface Invitation {
  readonly link: string
  /** Whom it is for; undefined where a name is to be chosen too. */
  readonly name: string | undefined
}

/** The one-time link that this page was opened by: it stands behind the `#`, which is never sent to any server. */
export function invitationIn(hash: string): Invitation | undefined {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  const link = parameters.get('welcome')
  return link ? { link, name: parameters.get('name') ?? undefined } : undefined
}
