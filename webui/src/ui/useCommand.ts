import { useCallback, useRef, useState } from 'react'

import { type CommandError, newCommandId, type Outcome, send } from '@/commands/send'
import type { CommandKind, Commands } from '@/contract/commands'
import { refusalText } from '@/explain/reasons'
import { useTexts } from '@/i18n/useTexts'

export interface RunningCommand<K extends CommandKind> {
  readonly run: (payload: Commands[K]) => Promise<Outcome<K>>
  readonly pending: boolean
  /** What the server said against the last one, until the next is given or it is cleared. */
  readonly error: CommandError | undefined
  /** The same as a text in the page's language. */
  readonly refusal: string | undefined
  readonly clear: () => void
  /** The message of the error that is about this field. */
  readonly errorOf: (field: keyof Commands[K] & string) => string | undefined
  /** The message of an error that is about none of these fields. */
  readonly errorBeside: (...fields: (keyof Commands[K] & string)[]) => string | undefined
}

/** Gives a command from a component, with its pending state and its error. */
export function useCommand<K extends CommandKind>(kind: K): RunningCommand<K> {
  const texts = useTexts()
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<CommandError>()
  // The same payload after an answer got lost is the same command.
  const unanswered = useRef<{ readonly id: string; readonly payload: string }>(undefined)

  const run = useCallback(
    async (payload: Commands[K]) => {
      setPending(true)
      setError(undefined)
      const text = JSON.stringify(payload)
      const id = unanswered.current?.payload === text ? unanswered.current.id : newCommandId()
      const outcome = await send(kind, payload, id)
      unanswered.current = !outcome.ok && outcome.error.code === 'network' ? { id, payload: text } : undefined
      setPending(false)
      if (!outcome.ok) setError(outcome.error)
      return outcome
    },
    [kind],
  )

  const refusal = error && refusalText(error, texts)
  return {
    run,
    pending,
    error,
    refusal,
    clear: useCallback(() => setError(undefined), []),
    errorOf: (field) => (error?.field === field ? refusal : undefined),
    errorBeside: (...fields) => ((fields as string[]).includes(error?.field ?? '') ? undefined : refusal),
  }
}
