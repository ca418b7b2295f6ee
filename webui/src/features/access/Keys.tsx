import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'

import type { CommandError } from '@/commands/send'
import { signInError } from '@/features/access/signInError'
import { moment } from '@/i18n/time'
import { createKey, keysMissing } from '@/session/keys'
import { type SecurityKey, sendSignIn, type SignInAnswer } from '@/session/signIn'
import { Refusal } from '@/ui/Refusal'
import { useWords } from '@/ui/useWords'

interface Props {
  readonly keys: readonly SecurityKey[]
  readonly onChange: (recoveryCodes: readonly string[]) => void
}

/** A person's passkeys and security keys: listed by name, added, removed. */
export function Keys({ keys, onChange }: Props) {
  const { texts, language, now } = useWords()
  const words = texts.secondFactor
  const [name, setName] = useState('')
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<CommandError>()
  const missing = keysMissing()
  const give = async (asking: () => Promise<SignInAnswer>) => {
    setPending(true)
    const answer = await asking()
    setPending(false)
    setError(answer.error)
    if (answer.error === undefined) onChange(answer.recoveryCodes ?? [])
  }
  const add = () =>
    give(async () => {
      const asked = await sendSignIn('second-factor/keys/options')
      if (asked.error !== undefined) return asked
      const made = await createKey(asked.options)
      return 'error' in made ? made : sendSignIn('second-factor/keys/add', { name: name.trim(), ...made })
    })
  const remove = (key: SecurityKey) => give(() => sendSignIn('second-factor/keys/remove', { name: key.name }))
  return (
    <Stack gap="xs" component="section" aria-label={words.keys}>
      <Text size="sm" fw={600}>
        {words.keys}
      </Text>
      {keys.length === 0 && <Text size="sm">{words.noKeys}</Text>}
      {keys.map((key) => (
        <Group key={key.name} justify="space-between" gap="xs">
          <Text size="sm">
            {key.name} · {key.host} ·{' '}
            {key.usedAt === undefined
              ? words.keyAdded(moment(key.createdAt, now, language))
              : words.keyUsed(moment(key.usedAt, now, language))}
          </Text>
          <Button
            size="xs"
            variant="default"
            aria-label={`${words.remove}: ${key.name}`}
            onClick={() => void remove(key)}
          >
            {words.remove}
          </Button>
        </Group>
      ))}
      {missing === undefined ? (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() === '') setError({ code: 'missing', message: texts.access.needed, field: 'name' })
            else void add()
          }}
        >
          <Stack gap="xs">
            <TextInput
              label={words.keyName}
              description={words.keyNameHint}
              maxLength={40}
              value={name}
              error={
                error?.field === 'name'
                  ? error.code === 'nameTaken'
                    ? words.keyNameTaken
                    : texts.access.needed
                  : undefined
              }
              onChange={(event) => {
                setName(event.currentTarget.value)
                setError(undefined)
              }}
            />
            <Button type="submit" variant="default" loading={pending}>
              {words.addKey}
            </Button>
          </Stack>
        </form>
      ) : (
        <Text size="sm">{words.keysMissing[missing]}</Text>
      )}
      <Refusal message={error && error.field !== 'name' ? signInError(error, texts) : undefined} />
    </Stack>
  )
}
