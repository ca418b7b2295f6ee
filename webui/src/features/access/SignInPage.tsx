import { Button, Stack, TextInput } from '@mantine/core'
import { KeyIcon } from '@primer/octicons-react'
import { useState } from 'react'

import { reconnect } from '@/connection/follow'
import { NewPasswordFields, PasswordField } from '@/features/access/PasswordFields'
import styles from '@/features/access/SignInPage.module.css'
import { useSignInForm } from '@/features/access/useSignInForm'
import { useTexts } from '@/i18n/useTexts'
import { type Invitation, invitationIn } from '@/session/signIn'
import { EmptyState } from '@/ui/EmptyState'
import { Refusal } from '@/ui/Refusal'

/** What stands instead of everything when the server does not know who this is. */
export function SignInPage() {
  const [invitation, setInvitation] = useState(() => invitationIn(window.location.hash))
  const enter = () => {
    setInvitation(undefined)
    // the secret has been used: it need not stay in the address bar and the history
    window.history.replaceState(null, '', window.location.pathname)
    reconnect()
  }
  return invitation === undefined ? (
    <SignInForm onDone={reconnect} />
  ) : (
    <Welcome invitation={invitation} onDone={enter} />
  )
}

function SignInForm({ onDone }: { onDone: () => void }) {
  const texts = useTexts()
  const form = useSignInForm('sign-in', { name: '', password: '' }, ({ name, password }) => ({
    ...(name === '' && { name: texts.access.needed }),
    ...(password === '' && { password: texts.access.needed }),
  }))
  const submit = async () => {
    if (await form.send({ name: form.fields.name.trim(), password: form.fields.password })) onDone()
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

function Welcome({ invitation, onDone }: { invitation: Invitation; onDone: () => void }) {
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
    if (await form.send({ link: invitation.link, password, ...(given === undefined && { name: name.trim() }) }))
      onDone()
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

function Form({ onSubmit, children }: { onSubmit: () => Promise<void>; children: React.ReactNode }) {
  return (
    <form
      noValidate
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        void onSubmit()
      }}
    >
      <Stack gap="sm">{children}</Stack>
    </form>
  )
}
