import { type ChangeEvent, useState } from 'react'

import type { CommandError } from '@/commands/send'
import { signInError } from '@/features/access/signInError'
import { useTexts } from '@/i18n/useTexts'
import { sendSignIn, type SignInPath } from '@/session/signIn'

export interface SignInForm<Name extends string> {
  readonly fields: Readonly<Record<Name, string>>
  readonly pending: boolean
  readonly set: (name: Name) => (event: ChangeEvent<HTMLInputElement>) => void
  /** What stands against one field. */
  readonly errorOf: (name: Name) => string | undefined
  /** What stands against none of these fields. */
  readonly errorBeside: (...names: Name[]) => string | undefined
  /** Returns whether the server did it. */
  readonly send: (body: Readonly<Record<string, string>>) => Promise<boolean>
}

/** A form that signs in or sets a password: its fields, and the error of each. `missing`: what must be mended before it is sent. */
export function useSignInForm<Name extends string>(
  path: SignInPath,
  empty: Readonly<Record<Name, string>>,
  missing: (fields: Readonly<Record<Name, string>>) => Partial<Record<Name, string>>,
): SignInForm<Name> {
  const texts = useTexts()
  const [fields, setFields] = useState(empty)
  const [asked, setAsked] = useState(false)
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<CommandError>()

  return {
    fields,
    pending,
    set: (name) => (event) => {
      const { value } = event.currentTarget
      setError(undefined)
      setFields((before) => ({ ...before, [name]: value }))
    },
    errorOf: (name) =>
      (asked ? missing(fields)[name] : undefined) ?? (error?.field === name ? signInError(error, texts) : undefined),
    errorBeside: (...names) =>
      error !== undefined && !(names as string[]).includes(error.field ?? '') ? signInError(error, texts) : undefined,
    send: async (body) => {
      setAsked(true)
      if (Object.keys(missing(fields)).length > 0) return false
      setPending(true)
      const refused = await sendSignIn(path, body)
      setPending(false)
      setError(refused)
      return refused === undefined
    },
  }
}
