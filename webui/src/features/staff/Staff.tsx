import { Button, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { CopyIcon } from '@primer/octicons-react'
import { useEffect, useState } from 'react'

import { refusalTold } from '@/explain/reasons'
import { askStaff, readStaff, type Staff as Known, type StaffPath } from '@/features/staff/ask'
import { NewOne } from '@/features/staff/NewOne'
import { OperatorRow, TokenRow } from '@/features/staff/Rows'
import styles from '@/features/staff/Staff.module.css'
import { useTexts } from '@/i18n/useTexts'
import { useWho } from '@/session/useMe'
import { Dialog } from '@/ui/Dialog'
import { Refusal } from '@/ui/Refusal'
import { useSignal } from '@/ui/signals'

interface Secret {
  readonly title: string
  readonly text: string
}

/** Who may come in: operators and tokens, for admins. The server alone decides; here it is asked. */
export function Staff() {
  const texts = useTexts()
  const who = useWho()
  const [opened, setOpened] = useState(false)
  const [secret, setSecret] = useState<Secret>()
  useSignal('staff', () => setOpened(who?.role === 'admin'))
  const close = () => {
    setSecret(undefined)
    setOpened(false)
  }
  return (
    // what is shown once does not go by a key or a click that was meant for something else
    <Dialog opened={opened} onClose={close} title={secret?.title ?? texts.staff.title} size="xl" hold={!!secret}>
      {opened && secret === undefined && <Lists me={who?.actor ?? ''} onSecret={setSecret} />}
      {secret !== undefined && <ShownOnce text={secret.text} onDone={() => setSecret(undefined)} />}
    </Dialog>
  )
}

function Lists({ me, onSecret }: { me: string; onSecret: (secret: Secret) => void }) {
  const texts = useTexts()
  const [about, setAbout] = useState<'operators' | 'tokens'>('operators')
  const [known, setKnown] = useState<Known | null>()
  const [refused, setRefused] = useState<string>()
  const read = async () => setKnown((await readStaff()) ?? null)
  useEffect(() => {
    let wanted = true
    void readStaff().then((found) => wanted && setKnown(found ?? null))
    return () => {
      wanted = false
    }
  }, [])

  /** What stands against it, if it was refused. */
  const ask = async (path: StaffPath, body: Readonly<Record<string, string>> & { name: string }) => {
    setRefused(undefined)
    const { error, link, token } = await askStaff(path, body)
    if (link !== undefined) onSecret({ title: texts.staff.shownLink(body.name), text: link })
    if (token !== undefined) onSecret({ title: texts.staff.shownToken(body.name), text: token })
    await read()
    return error
  }
  const act = async (path: StaffPath, body: Readonly<Record<string, string>> & { name: string }) => {
    const error = await ask(path, body)
    if (error !== undefined) setRefused(refusalTold(error, texts))
  }

  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        aria-label={texts.staff.title}
        value={about}
        onChange={setAbout}
        data={(['operators', 'tokens'] as const).map((value) => ({ value, label: texts.staff[value] }))}
      />
      <Refusal message={known === null ? texts.staff.failed : refused} />
      {known && (
        <ul className={styles.list} aria-label={texts.staff[about]}>
          {about === 'operators'
            ? known.operators.map((one) => (
                <OperatorRow key={one.name} operator={one} mine={me === `operator:${one.name}`} act={act} />
              ))
            : known.tokens.map((one) => <TokenRow key={one.name} token={one} act={act} />)}
        </ul>
      )}
      {about === 'tokens' && known?.tokens.length === 0 && (
        <Text size="sm" c="dimmed">
          {texts.staff.noTokens}. {texts.staff.noTokensHint}
        </Text>
      )}
      <NewOne key={about} about={about} ask={ask} />
    </Stack>
  )
}

function ShownOnce({ text, onDone }: { text: string; onDone: () => void }) {
  const texts = useTexts()
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    // pages that came without encryption have no clipboard: the text is selected, to be copied by hand
    const { clipboard } = navigator as { clipboard?: Clipboard }
    await clipboard?.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    )
  }
  return (
    <Stack gap="sm">
      <Text size="sm">{texts.staff.shownOnce}</Text>
      <TextInput readOnly value={text} aria-label={texts.staff.shownOnce} onFocus={(event) => event.target.select()} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" leftSection={<CopyIcon />} onClick={() => void copy()}>
          {copied ? texts.common.copied : texts.common.copy}
        </Button>
        <Button onClick={onDone}>{texts.staff.done}</Button>
      </Group>
    </Stack>
  )
}
