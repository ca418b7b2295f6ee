import { Button, Stack, TextInput } from '@mantine/core'
import { KeyIcon } from '@primer/octicons-react'
import { useState } from 'react'

import { reconnect } from '@/connection/follow'
import styles from '@/features/access/Door.module.css'
import { Secret } from '@/features/access/Secret'
import { useDoor } from '@/features/access/useDoor'
import { useTexts } from '@/i18n/useTexts'
import { type Invitation, invitationIn } from '@/session/door'
import { Empty } from '@/ui/Empty'
import { Refusal } from '@/ui/Refusal'

/** What stands instead of everything when the server does not know who this is. */
export function Door() {
  const [invitation, setInvitation] = useState(() => invitationIn(window.location.hash))
  const enter = () => {
    setInvitation(undefined)
    // the secret has been used: it need not stay in the address bar and the history
    window.history.replaceState(null, '', window.location.pathname)
    reconnect()
  }
  return invitation === undefined ? <SignIn onDone={reconnect} /> : <Welcome invitation={invitation} onDone={enter} />
}

function SignIn({ onDone }: { onDone: () => void }) {
  const texts = useTexts()
  const door = useDoor('sign-in', { name: '', password: '' }, ({ name, password }) => ({
    ...(name === '' && { name: texts.access.needed }),
    ...(password === '' && { password: texts.access.needed }),
  }))
  const submit = async () => {
    if (await door.send({ name: door.fields.name.trim(), password: door.fields.password })) onDone()
  }
  return (
    <Empty icon={KeyIcon} title={texts.access.title} hint={texts.access.hint}>
      <Form onSubmit={submit}>
        <TextInput
          label={texts.access.name}
          autoComplete="username"
          autoCapitalize="none"
          value={door.fields.name}
          error={door.errorOf('name')}
          onChange={door.set('name')}
        />
        <Secret
          label={texts.access.password}
          autoComplete="current-password"
          value={door.fields.password}
          error={door.errorOf('password')}
          onChange={door.set('password')}
        />
        <Refusal message={door.errorBeside('name', 'password')} />
        <Button type="submit" loading={door.pending}>
          {texts.access.signIn}
        </Button>
      </Form>
    </Empty>
  )
}

function Welcome({ invitation, onDone }: { invitation: Invitation; onDone: () => void }) {
  const texts = useTexts()
  const given = invitation.name
  const door = useDoor('welcome', { name: given ?? '', password: '', again: '' }, ({ name, password, again }) => ({
    ...(name === '' && { name: texts.access.needed }),
    ...(password === '' && { password: texts.access.needed }),
    ...(password !== again && { again: texts.access.differ }),
  }))
  const submit = async () => {
    const { name, password } = door.fields
    if (await door.send({ link: invitation.link, password, ...(given === undefined && { name: name.trim() }) }))
      onDone()
  }
  const title = given === undefined ? texts.access.welcomeFirst : texts.access.welcome(given)
  return (
    <Empty icon={KeyIcon} title={title} hint={texts.access.welcomeHint}>
      <Form onSubmit={submit}>
        {given === undefined && (
          <TextInput
            label={texts.access.name}
            description={texts.access.nameHint}
            autoComplete="username"
            autoCapitalize="none"
            value={door.fields.name}
            error={door.errorOf('name')}
            onChange={door.set('name')}
          />
        )}
        <Secret
          label={texts.access.newPassword}
          description={texts.access.newPasswordHint}
          autoComplete="new-password"
          value={door.fields.password}
          error={door.errorOf('password')}
          onChange={door.set('password')}
        />
        <Secret
          label={texts.access.again}
          autoComplete="new-password"
          value={door.fields.again}
          error={door.errorOf('again')}
          onChange={door.set('again')}
        />
        <Refusal message={door.errorBeside('name', 'password')} />
        <Button type="submit" loading={door.pending}>
          {texts.access.choose}
        </Button>
      </Form>
    </Empty>
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
