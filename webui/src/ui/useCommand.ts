import { useCallback, useRef, useState } from 'react'

import { type Answer, type CommandError, newCommandId, type PluginPayload, send, sendPlugins } from '@/commands/send'
import type { CommandKind, Commands, Created } from '@/contract/commands'
import { refusalText } from '@/explain/reasons'
import { useTexts } from '@/i18n/useTexts'

interface Running<P, Id> {
  readonly run: (payload: P) => Promise<Answer<Id>>
  readonly pending: boolean
  /** What the server said against the last one, until the next is given or it is cleared. */
  readonly error: CommandError | undefined
  /** The same as a text in the page's language. */
  readonly refusal: string | undefined
  readonly clear: () => void
  /** The message of the error that is about this field. */
  readonly errorOf: (field: keyof P & string) => string | undefined
  /** The message of an error that is about none of these fields. */
  readonly errorBeside: (...fields: (keyof P & string)[]) => string | undefined
}

export type RunningCommand<K extends CommandKind> = Running<Commands[K], Created[K]>

/** Gives a command from a component, with its pending state and its error. */
export function useCommand<K extends CommandKind>(kind: K): RunningCommand<K> {
  return useSender<Commands[K], Created[K]>(useCallback((payload, id) => send(kind, payload, id), [kind]))
}

/** The same for a command of a plugin's own. */
export function usePluginCommand(kind: string): Running<PluginPayload, string | null> {
  return useSender<PluginPayload, string | null>(useCallback((payload, id) => sendPlugins(kind, payload, id), [kind]))
}

function useSender<P, Id>(give: (payload: P, id: string) => Promise<Answer<Id>>): Running<P, Id> {
  const texts = useTexts()
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<CommandError>()
  // The same payload after an answer got lost is the same command.
  const unanswered = useRef<{ readonly id: string; readonly payload: string }>(undefined)

  const run = useCallback(
    async (payload: P) => {
      setPending(true)
      setError(undefined)
      const text = JSON.stringify(payload)
      const id = unanswered.current?.payload === text ? unanswered.current.id : newCommandId()
      const outcome = await give(payload, id)
      unanswered.current = !outcome.ok && outcome.error.code === 'network' ? { id, payload: text } : undefined
      setPending(false)
      if (!outcome.ok) setError(outcome.error)
      return outcome
    },
    [give],
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
