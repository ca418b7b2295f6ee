import { Button } from '@mantine/core'
import { ShieldLockIcon } from '@primer/octicons-react'

import { CodeField } from '@/features/access/CodeField'
import { Form } from '@/features/access/Form'
import { KeyButton } from '@/features/access/KeyButton'
import { SetUpCodes } from '@/features/access/SetUpCodes'
import { useSignInForm } from '@/features/access/useSignInForm'
import { useTexts } from '@/i18n/useTexts'
import type { Way } from '@/session/signIn'
import { EmptyState } from '@/ui/EmptyState'
import { Refusal } from '@/ui/Refusal'
import { emit } from '@/ui/uiEvents'

interface Props {
  /** Stands for the sign-in whose password was right. */
  readonly ticket: string
  /** By what the second factor can be proved. */
  readonly ways?: readonly Way[]
  readonly onDone: () => void
  readonly onBack: () => void
}

/** The second step of a sign-in: a code of the app, or a recovery code. */
export function SecondStep({ ticket, ways = [], onDone, onBack }: Props) {
  const texts = useTexts()
  const form = useSignInForm('sign-in/code', { code: '' }, ({ code }) => ({
    ...(code.trim() === '' && { code: texts.access.needed }),
  }))
  const submit = async () => {
    if (await form.send({ ticket, code: form.fields.code })) onDone()
  }
  return (
    <EmptyState
      icon={ShieldLockIcon}
      title={texts.secondFactor.step}
      hint={ways.includes('code') ? texts.secondFactor.stepHint : texts.secondFactor.stepHintKey}
    >
      <Form onSubmit={submit}>
        {ways.includes('key') && <KeyButton ticket={ticket} onDone={onDone} />}
        <CodeField form={form} recovery={ways.includes('code')} lostFirst={!ways.includes('code')} />
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
