import { type ChangeEvent, useState } from 'react'

import type { CommandError } from '@/commands/send'
import { signInError } from '@/features/access/signInError'
import { useTexts } from '@/i18n/useTexts'
import { sendSignIn, type SignInAnswer, type SignInPath } from '@/session/signIn'

export interface SignInForm<Name extends string> {
  readonly fields: Readonly<Record<Name, string>>
  readonly pending: boolean
  readonly set: (name: Name) => (event: ChangeEvent<HTMLInputElement>) => void
  /** What stands against one field. */
  readonly errorOf: (name: Name) => string | undefined
  /** What stands against none of these fields. */
  readonly errorBeside: (...names: Name[]) => string | undefined
  /** Returns the server's answer; undefined where it was refused, or something is missing. */
  readonly send: (body: Readonly<Record<string, string>>) => Promise<SignInAnswer | undefined>
  /** The code of what stands against it. */
  readonly refused: string | undefined
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
      (asked ? missing(fields)[name] : undefined) ??
      (error?.field === name ? signInError(error, texts, path) : undefined),
    errorBeside: (...names) =>
      error !== undefined && !(names as string[]).includes(error.field ?? '')
        ? signInError(error, texts, path)
        : undefined,
    send: async (body) => {
      setAsked(true)
      if (Object.keys(missing(fields)).length > 0) return undefined
      setPending(true)
      const answer = await sendSignIn(path, body)
      setPending(false)
      setError(answer.error)
      return answer.error === undefined ? answer : undefined
    },
    refused: error?.code,
  }
}
