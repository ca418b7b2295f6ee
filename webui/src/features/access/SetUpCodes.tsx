import { Anchor, Button, Code, Stack, Text } from '@mantine/core'
import { useState } from 'react'

import type { CommandError } from '@/commands/send'
import { CodeField } from '@/features/access/CodeField'
import { Form } from '@/features/access/Form'
import { QrCode } from '@/features/access/QrCode'
import { signInError } from '@/features/access/signInError'
import { useSignInForm } from '@/features/access/useSignInForm'
import { useTexts } from '@/i18n/useTexts'
import { sendSignIn, type SignInAnswer } from '@/session/signIn'
import { Refusal } from '@/ui/Refusal'

interface Props {
  /** Stands for a sign-in that waits for this; undefined for whoever is signed in. */
  readonly ticket?: string
  readonly onDone: (recoveryCodes: readonly string[]) => void
}

/** Sets up codes by time: the QR code, and the first code of the app. */
export function SetUpCodes({ ticket, onDone }: Props) {
  const texts = useTexts()
  const [begun, setBegun] = useState<SignInAnswer>()
  const [error, setError] = useState<CommandError>()
  const [pending, setPending] = useState(false)
  const begin = async () => {
    setPending(true)
    const answer = await (ticket === undefined
      ? sendSignIn('second-factor/begin')
      : sendSignIn('sign-in/enrol', { ticket }))
    setPending(false)
    setError(answer.error)
    if (answer.error === undefined) setBegun(answer)
  }
  if (begun === undefined) {
    return (
      <Stack gap="sm">
        <Refusal message={error && signInError(error, texts)} />
        <Button onClick={() => void begin()} loading={pending} autoFocus>
          {texts.secondFactor.begin}
        </Button>
      </Stack>
    )
  }
  return <Confirm begun={begun} ticket={ticket} onDone={onDone} />
}

function Confirm({
  begun,
  ticket,
  onDone,
}: Omit<Props, 'ticket'> & { begun: SignInAnswer; ticket: string | undefined }) {
  const texts = useTexts()
  const form = useSignInForm(
    ticket === undefined ? 'second-factor/confirm' : 'sign-in/enrolled',
    { code: '' },
    ({ code }) => ({ ...(code.trim() === '' && { code: texts.access.needed }) }),
  )
  const submit = async () => {
    const answer = await form.send({ code: form.fields.code, ...(ticket !== undefined && { ticket }) })
    if (answer !== undefined) onDone(answer.recoveryCodes ?? [])
  }
  return (
    <Form onSubmit={submit}>
      <Text size="sm">{texts.secondFactor.scan}</Text>
      <QrCode rows={begun.qr ?? []} label={texts.secondFactor.qr} />
      <Text size="sm">
        {texts.secondFactor.byHand} <Code>{inGroups(begun.secret ?? '')}</Code>
      </Text>
      <Anchor size="sm" href={begun.uri}>
        {texts.secondFactor.onThisPhone}
      </Anchor>
      <CodeField form={form} />
      <Refusal message={form.errorBeside('code')} />
      <Button type="submit" loading={form.pending}>
        {texts.secondFactor.confirm}
      </Button>
    </Form>
  )
}

function inGroups(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, '$1 ')
}
