import { Button, Text } from '@mantine/core'
import { KeyIcon } from '@primer/octicons-react'
import { useState } from 'react'

import { signInError } from '@/features/access/signInError'
import { useTexts } from '@/i18n/useTexts'
import { keysMissing, signByKey } from '@/session/keys'
import { sendSignIn } from '@/session/signIn'
import { Refusal } from '@/ui/Refusal'

interface Props {
  /** Stands for a sign-in at its second step; left out for a proof of whoever is signed in. */
  readonly ticket?: string
  readonly onDone: () => void
}

/** Has a passkey or security key sign, in the place of a code; or says why this page can not. */
export function KeyButton({ ticket, onDone }: Props) {
  const texts = useTexts()
  const [pending, setPending] = useState(false)
  const [refused, setRefused] = useState<string>()
  const missing = keysMissing()
  if (missing !== undefined) return <Text size="sm">{texts.secondFactor.keysMissing[missing]}</Text>
  const sign = async () => {
    setPending(true)
    const step = ticket === undefined ? {} : { ticket }
    const { error, options } = await sendSignIn(
      ticket === undefined ? 'proof/key-options' : 'sign-in/key/options',
      step,
    )
    const signed = error === undefined ? await signByKey(options) : { error }
    const answer =
      'error' in signed
        ? signed
        : await sendSignIn(ticket === undefined ? 'proof/key' : 'sign-in/key', { ...step, ...signed })
    setPending(false)
    setRefused(answer.error && signInError(answer.error, texts))
    if (answer.error === undefined) onDone()
  }
  return (
    <>
      <Button variant="default" leftSection={<KeyIcon />} loading={pending} onClick={() => void sign()}>
        {texts.secondFactor.useKey}
      </Button>
      <Refusal message={refused} />
    </>
  )
}
