import { Button, Group, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'

import { Keys } from '@/features/access/Keys'
import { SetUpCodes } from '@/features/access/SetUpCodes'
import { signInError } from '@/features/access/signInError'
import { moment } from '@/i18n/time'
import { readSecondFactor, type SecondFactor as Known, sendSignIn } from '@/session/signIn'
import { Dialog } from '@/ui/Dialog'
import { Refusal } from '@/ui/Refusal'
import { emit, useUiEvent } from '@/ui/uiEvents'
import { useWords } from '@/ui/useWords'

/** A person's own second factor: set up, renewed, removed. */
export function SecondFactor() {
  const { texts } = useWords()
  const [opened, setOpened] = useState(false)
  useUiEvent('secondFactor', () => setOpened(true))
  return (
    <Dialog opened={opened} onClose={() => setOpened(false)} title={texts.secondFactor.title}>
      {opened && <Own onDone={() => setOpened(false)} />}
    </Dialog>
  )
}

function Own({ onDone }: { onDone: () => void }) {
  const { texts, language, now } = useWords()
  const words = texts.secondFactor
  const [known, setKnown] = useState<Known | null>()
  const [doing, setDoing] = useState<'setUp' | 'remove'>()
  const [refused, setRefused] = useState<string>()
  useEffect(() => {
    let wanted = true
    void readSecondFactor().then((found) => wanted && setKnown(found === 'token' ? null : (found ?? null)))
    return () => {
      wanted = false
    }
  }, [])
  const give = async (path: 'second-factor/remove' | 'second-factor/recovery-codes') => {
    const { error, recoveryCodes } = await sendSignIn(path)
    setRefused(error && signInError(error, texts))
    if (error !== undefined) return
    onDone()
    if (recoveryCodes !== undefined) emit('recoveryCodes', recoveryCodes.join(' '))
  }
  if (known === undefined) return <Text size="sm">{words.reading}</Text>
  if (known === null) return <Refusal message={words.unread} />
  if (known.mode === 'off') return <Text size="sm">{words.off}</Text>
  const has = known.ways !== undefined
  const hasCodes = known.ways?.includes('code') ?? false
  if (doing === 'setUp') {
    return (
      <SetUpCodes
        onDone={(codes) => {
          onDone()
          emit('recoveryCodes', codes.join(' '))
        }}
      />
    )
  }
  return (
    <Stack gap="sm">
      <Text size="sm">
        {hasCodes ? words.since(moment(known.since ?? 0, now, language)) : has ? words.onlyKeys : words.none}
      </Text>
      {has && <Text size="sm">{words.left(known.recoveryLeft ?? 0)}</Text>}
      {!has && known.required && <Text size="sm">{words.requiredHint}</Text>}
      <Refusal message={refused} />
      {doing === 'remove' ? (
        <Group gap="xs" justify="flex-end">
          <Text size="sm">{words.surelyRemove}</Text>
          <Button variant="default" autoFocus onClick={() => setDoing(undefined)}>
            {texts.common.cancel}
          </Button>
          <Button color="red" onClick={() => void give('second-factor/remove')}>
            {words.remove}
          </Button>
        </Group>
      ) : (
        <Group gap="xs" justify="flex-end">
          {has && !known.required && (
            <Button variant="default" onClick={() => setDoing('remove')}>
              {words.remove}
            </Button>
          )}
          {has && (
            <Button variant="default" onClick={() => void give('second-factor/recovery-codes')}>
              {words.renew}
            </Button>
          )}
          <Button onClick={() => setDoing('setUp')} autoFocus>
            {hasCodes ? words.replace : words.setUp}
          </Button>
        </Group>
      )}
      <Keys
        keys={known.keys ?? []}
        onChange={(codes) => {
          void readSecondFactor().then((found) => found !== undefined && found !== 'token' && setKnown(found))
          if (codes.length > 0) emit('recoveryCodes', codes.join(' '))
        }}
      />
    </Stack>
  )
}
