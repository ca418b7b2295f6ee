import { ActionIcon, Button, Group, Menu, Stack } from '@mantine/core'
import { KeyIcon, LogIcon, PeopleIcon, PersonIcon, ShieldLockIcon, SignOutIcon } from '@primer/octicons-react'
import { useState } from 'react'

import { NewPasswordFields, PasswordField } from '@/features/access/PasswordFields'
import { useSignInForm } from '@/features/access/useSignInForm'
import { useTexts } from '@/i18n/useTexts'
import { useIdentity } from '@/session/identity'
import { sendSignIn } from '@/session/signIn'
import { useAppSelector } from '@/store/store'
import { Dialog } from '@/ui/Dialog'
import { Refusal } from '@/ui/Refusal'
import { emit } from '@/ui/uiEvents'

/** Who this is, what they may, and the way out. */
export function Account() {
  const texts = useTexts()
  const who = useIdentity()
  const [changing, setChanging] = useState(false)
  const known = useAppSelector((state) => state.connection.phase !== 'signedOut')
  if (who === undefined) {
    // its place is kept, so that no button moves away from under the mouse
    return known ? (
      <ActionIcon variant="subtle" color="gray" disabled aria-hidden>
        <PersonIcon />
      </ActionIcon>
    ) : null
  }
  const leave = async (everywhere: boolean) => {
    await sendSignIn('sign-out', { everywhere })
    window.location.reload() // with all that this page has held in memory
  }
  return (
    <>
      {/* in its place and without a stop of its own for the focus: a menu holds nothing but its items */}
      <Menu position="bottom-end" shadow="md" withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={texts.access.account}>
            <PersonIcon />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {who.actor.replace(/^\w+:/, '')} · {texts.access.role[who.role]}
          </Menu.Label>
          {who.by === 'password' && (
            <Menu.Item leftSection={<KeyIcon size={14} />} onClick={() => setChanging(true)}>
              {texts.access.changePassword}
            </Menu.Item>
          )}
          {who.by === 'password' && (
            <Menu.Item leftSection={<ShieldLockIcon size={14} />} onClick={() => emit('secondFactor')}>
              {texts.secondFactor.title}
            </Menu.Item>
          )}
          {who.role === 'admin' && (
            <Menu.Item leftSection={<PeopleIcon size={14} />} onClick={() => emit('admin')}>
              {texts.admin.title}
            </Menu.Item>
          )}
          {who.role === 'admin' && (
            <Menu.Item leftSection={<LogIcon size={14} />} onClick={() => emit('audit')}>
              {texts.audit.title}
            </Menu.Item>
          )}
          {who.by !== 'token' && (
            <>
              <Menu.Item leftSection={<SignOutIcon size={14} />} onClick={() => void leave(false)}>
                {texts.access.signOut}
              </Menu.Item>
              <Menu.Item leftSection={<SignOutIcon size={14} />} onClick={() => void leave(true)}>
                {texts.access.signOutEverywhere}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <Dialog opened={changing} onClose={() => setChanging(false)} title={texts.access.changePassword}>
        {changing && <ChangePassword onDone={() => setChanging(false)} />}
      </Dialog>
    </>
  )
}

function ChangePassword({ onDone }: { onDone: () => void }) {
  const texts = useTexts()
  const form = useSignInForm('password', { current: '', password: '', again: '' }, ({ current, password, again }) => ({
    ...(current === '' && { current: texts.access.needed }),
    ...(password === '' && { password: texts.access.needed }),
    ...(password !== again && { again: texts.access.differ }),
  }))
  const submit = async () => {
    if (await form.send({ current: form.fields.current, password: form.fields.password })) onDone()
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <Stack gap="sm">
        <PasswordField
          data-autofocus
          form={form}
          name="current"
          label={texts.access.current}
          autoComplete="current-password"
        />
        <NewPasswordFields form={form} hint={texts.access.changed} />
        <Refusal message={form.errorBeside('current', 'password')} />
        <Group justify="flex-end">
          <Button type="submit" loading={form.pending}>
            {texts.access.change}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
