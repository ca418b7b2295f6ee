import { type ChangeEvent, useState } from 'react'

import type { CommandError } from '@/commands/send'
import { doorError } from '@/features/access/words'
import { useTexts } from '@/i18n/useTexts'
import { askAtDoor, type DoorPath } from '@/session/door'

type Fields = Readonly<Record<string, string>>

/** A form at the door: its fields, and what stands against each of them. */
export function useDoor<F extends Fields>(path: DoorPath, empty: F, missing: (fields: F) => Partial<F>) {
  const texts = useTexts()
  const [fields, setFields] = useState(empty)
  const [asked, setAsked] = useState(false)
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<CommandError>()

  return {
    fields,
    pending,
    set: (name: keyof F) => (event: ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget
      setError(undefined)
      setFields((before) => ({ ...before, [name]: value }))
    },
    errorOf: (name: keyof F & string): string | undefined =>
      (asked ? missing(fields)[name] : undefined) ?? (error?.field === name ? doorError(error, texts) : undefined),
    /** What stands against the whole of it. */
    errorBeside: (...names: (keyof F & string)[]): string | undefined =>
      error !== undefined && !(names as string[]).includes(error.field ?? '') ? doorError(error, texts) : undefined,
    /** Whether the server did it. */
    send: async (body: Readonly<Record<string, string>>): Promise<boolean> => {
      setAsked(true)
      if (Object.keys(missing(fields)).length > 0) return false
      setPending(true)
      const refused = await askAtDoor(path, body)
      setPending(false)
      setError(refused)
      return refused === undefined
    },
  }
}
