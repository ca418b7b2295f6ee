import { Button, TextInput } from '@mantine/core'
import { KeyIcon } from '@primer/octicons-react'
import { useState } from 'react'

import { reconnect } from '@/connection/follow'
import { NewPasswordFields, PasswordField } from '@/features/access/PasswordFields'
import { RequiredFactor, SecondStep } from '@/features/access/SecondStep'
import { Form } from '@/features/access/Form'
import { useSignInForm } from '@/features/access/useSignInForm'
import { useTexts } from '@/i18n/useTexts'
import { type Invitation, invitationIn, type SignInAnswer } from '@/session/signIn'
import { EmptyState } from '@/ui/EmptyState'
import { Refusal } from '@/ui/Refusal'

/** What stands instead of everything when the server does not know who this is. */
export function SignInPage() {
  const [invitation, setInvitation] = useState(() => invitationIn(window.location.hash))
  const [next, setNext] = useState<SignInAnswer>()
  const go = (answer: SignInAnswer) => {
    setInvitation(undefined)
    // the secret has been used: it need not stay in the address bar and the history
    if (invitation !== undefined) window.history.replaceState(null, '', window.location.pathname)
    if (answer.next === undefined) reconnect()
    else setNext(answer)
  }
  const again = () => setNext(undefined)
  if (next?.next === 'secondFactor')
    return <SecondStep ticket={next.ticket ?? ''} ways={next.ways ?? []} onDone={reconnect} onBack={again} />
  if (next?.next === 'enrolment') return <RequiredFactor ticket={next.ticket ?? ''} onDone={reconnect} onBack={again} />
  return invitation === undefined ? <SignInForm onDone={go} /> : <Welcome invitation={invitation} onDone={go} />
}

interface FormProps {
  readonly onDone: (answer: SignInAnswer) => void
}

function SignInForm({ onDone }: FormProps) {
  const texts = useTexts()
  const form = useSignInForm('sign-in', { name: '', password: '' }, ({ name, password }) => ({
    ...(name === '' && { name: texts.access.needed }),
    ...(password === '' && { password: texts.access.needed }),
  }))
  const submit = async () => {
    const answer = await form.send({ name: form.fields.name.trim(), password: form.fields.password })
    if (answer !== undefined) onDone(answer)
  }
  return (
    <EmptyState icon={KeyIcon} title={texts.access.title} hint={texts.access.hint}>
      <Form onSubmit={submit}>
        <TextInput
          label={texts.access.name}
          autoComplete="username"
          autoCapitalize="none"
          value={form.fields.name}
          error={form.errorOf('name')}
          onChange={form.set('name')}
        />
        <PasswordField form={form} name="password" label={texts.access.password} autoComplete="current-password" />
        <Refusal message={form.errorBeside('name', 'password')} />
        <Button type="submit" loading={form.pending}>
          {texts.access.signIn}
        </Button>
      </Form>
    </EmptyState>
  )
}

function Welcome({ invitation, onDone }: FormProps & { readonly invitation: Invitation }) {
  const texts = useTexts()
  const given = invitation.name
  const form = useSignInForm(
    'welcome',
    { name: given ?? '', password: '', again: '' },
    ({ name, password, again }) => ({
      ...(name === '' && { name: texts.access.needed }),
      ...(password === '' && { password: texts.access.needed }),
      ...(password !== again && { again: texts.access.differ }),
    }),
  )
  const submit = async () => {
    const { name, password } = form.fields
    const chosen = { link: invitation.link, password, ...(given === undefined && { name: name.trim() }) }
    const answer = await form.send(chosen)
    if (answer !== undefined) onDone(answer)
  }
  const title = given === undefined ? texts.access.welcomeFirst : texts.access.welcome(given)
  return (
    <EmptyState icon={KeyIcon} title={title} hint={texts.access.welcomeHint}>
      <Form onSubmit={submit}>
        {given === undefined && (
          <TextInput
            label={texts.access.name}
            description={texts.access.nameHint}
            autoComplete="username"
            autoCapitalize="none"
            value={form.fields.name}
            error={form.errorOf('name')}
            onChange={form.set('name')}
          />
        )}
        <NewPasswordFields form={form} />
        <Refusal message={form.errorBeside('name', 'password')} />
        <Button type="submit" loading={form.pending}>
          {texts.access.choose}
        </Button>
      </Form>
    </EmptyState>
  )
}
