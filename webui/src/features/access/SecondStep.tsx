import { Button } from '@mantine/core'
import { ShieldLockIcon } from '@primer/octicons-react'

import { CodeField } from '@/features/access/CodeField'
import { Form } from '@/features/access/Form'
import { SetUpCodes } from '@/features/access/SetUpCodes'
import { useSignInForm } from '@/features/access/useSignInForm'
import { useTexts } from '@/i18n/useTexts'
import { EmptyState } from '@/ui/EmptyState'
import { Refusal } from '@/ui/Refusal'
import { emit } from '@/ui/uiEvents'

interface Props {
  /** Stands for the sign-in whose password was right. */
  readonly ticket: string
  readonly onDone: () => void
  readonly onBack: () => void
}

/** The second step of a sign-in: a code of the app, or a recovery code. */
export function SecondStep({ ticket, onDone, onBack }: Props) {
  const texts = useTexts()
  const form = useSignInForm('sign-in/code', { code: '' }, ({ code }) => ({
    ...(code.trim() === '' && { code: texts.access.needed }),
  }))
  const submit = async () => {
    if (await form.send({ ticket, code: form.fields.code })) onDone()
  }
  return (
    <EmptyState icon={ShieldLockIcon} title={texts.secondFactor.step} hint={texts.secondFactor.stepHint}>
      <Form onSubmit={submit}>
        <CodeField form={form} recovery />
        <Refusal message={form.errorBeside('code')} />
        <Button type="submit" loading={form.pending}>
          {texts.access.signIn}
        </Button>
        <Button variant="default" onClick={onBack}>
          {texts.secondFactor.back}
        </Button>
      </Form>
    </EmptyState>
  )
}

/** A second factor that the role takes, set up before the first session. */
export function RequiredFactor({ ticket, onDone, onBack }: Props) {
  const texts = useTexts()
  return (
    <EmptyState icon={ShieldLockIcon} title={texts.secondFactor.required} hint={texts.secondFactor.requiredHint}>
      <SetUpCodes
        ticket={ticket}
        onDone={(codes) => {
          emit('recoveryCodes', codes.join(' '))
          onDone()
        }}
      />
      <Button variant="default" onClick={onBack}>
        {texts.secondFactor.back}
      </Button>
    </EmptyState>
  )
}
