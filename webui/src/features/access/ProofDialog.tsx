import { Button, Group, Stack, Text } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'

import { askProofsBy } from '@/commands/proof'
import { CodeField } from '@/features/access/CodeField'
import { KeyButton } from '@/features/access/KeyButton'
import { PasswordField } from '@/features/access/PasswordFields'
import { useSignInForm } from '@/features/access/useSignInForm'
import { useTexts } from '@/i18n/useTexts'
import { readSecondFactor, type SecondFactor, type Way } from '@/session/signIn'
import { Dialog } from '@/ui/Dialog'
import { Refusal } from '@/ui/Refusal'

/** Asks for a fresh proof before what cannot be taken back; whoever waits for it then sends the request again. */
export function ProofDialog() {
  const texts = useTexts()
  const [asked, setAsked] = useState<SecondFactor | 'token' | null>()
  const answer = useRef<(proved: boolean) => void>(undefined)
  useEffect(
    () =>
      askProofsBy(async () => {
        const known = await readSecondFactor()
        setAsked(known ?? null)
        return new Promise<boolean>((resolve) => {
          answer.current = resolve
        })
      }),
    [],
  )
  const end = (proved: boolean) => {
    setAsked(undefined)
    answer.current?.(proved)
  }
  return (
    <Dialog opened={asked !== undefined} onClose={() => end(false)} title={texts.secondFactor.proof}>
      {asked === null && <Refusal message={texts.secondFactor.unread} />}
      {asked === 'token' && <Text size="sm">{texts.secondFactor.proofByLink}</Text>}
      {asked && asked !== 'token' && <Proof ways={asked.ways} onEnd={end} />}
    </Dialog>
  )
}

function Proof({ ways, onEnd }: { ways: readonly Way[] | undefined; onEnd: (proved: boolean) => void }) {
  const byCode = ways !== undefined
  const texts = useTexts()
  const form = useSignInForm('proof', { code: '', password: '' }, ({ code, password }) =>
    byCode
      ? { ...(code.trim() === '' && { code: texts.access.needed }) }
      : { ...(password === '' && { password: texts.access.needed }) },
  )
  const submit = async () => {
    const given: Record<string, string> = byCode ? { code: form.fields.code } : { password: form.fields.password }
    if (await form.send(given)) onEnd(true)
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
        <Text size="sm">{byCode ? texts.secondFactor.proofHintCode : texts.secondFactor.proofHintPassword}</Text>
        {byCode ? (
          <>
            {ways.includes('key') && <KeyButton onDone={() => onEnd(true)} />}
            <CodeField form={form} recovery={ways.includes('code')} lostFirst={!ways.includes('code')} />
          </>
        ) : (
          <PasswordField
            data-autofocus
            form={form}
            name="password"
            label={texts.access.password}
            autoComplete="current-password"
          />
        )}
        <Refusal message={form.errorBeside('code', 'password')} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => onEnd(false)}>
            {texts.common.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {texts.secondFactor.goOn}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
