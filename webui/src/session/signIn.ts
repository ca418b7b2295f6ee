/** Signing in and out: what is sent to the server, and why it refused. */
import { type CommandError, sendForm } from '@/commands/send'

export type SignInPath = 'sign-in' | 'welcome' | 'sign-out' | 'password'

/** Undefined when the server did it; never throws. */
export async function sendSignIn(
  path: SignInPath,
  body: Readonly<Record<string, string | boolean>>,
): Promise<CommandError | undefined> {
  return (await sendForm<{ readonly error?: CommandError }>(`/api/${path}`, body)).error
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
