import { Button, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { CopyIcon } from '@primer/octicons-react'
import { useEffect, useState } from 'react'

import { refusalText } from '@/explain/reasons'
import styles from '@/features/admin/Admin.module.css'
import { sendAdminForm, readAccess, type Access as Known, type AdminPath } from '@/features/admin/api'
import { CreateForm } from '@/features/admin/CreateForm'
import { OperatorRow, TokenRow } from '@/features/admin/Rows'
import { useTexts } from '@/i18n/useTexts'
import { useIdentity } from '@/session/identity'
import { Dialog } from '@/ui/Dialog'
import { Refusal } from '@/ui/Refusal'
import { useUiEvent } from '@/ui/uiEvents'

interface Secret {
  readonly title: string
  readonly text: string
}

/** The admin dialog: operators and tokens. The server alone decides what is allowed. */
export function Admin() {
  const texts = useTexts()
  const who = useIdentity()
  const [opened, setOpened] = useState(false)
  const [secret, setSecret] = useState<Secret>()
  useUiEvent('admin', () => setOpened(who?.role === 'admin'))
  const close = () => {
    setSecret(undefined)
    setOpened(false)
  }
  return (
    // what is shown once does not go by a key or a click that was meant for something else
    <Dialog opened={opened} onClose={close} title={secret?.title ?? texts.admin.title} size="xl" hold={!!secret}>
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
  const read = async () => setKnown((await readAccess()) ?? null)
  useEffect(() => {
    let wanted = true
    void readAccess().then((found) => wanted && setKnown(found ?? null))
    return () => {
      wanted = false
    }
  }, [])

  /** What stands against it, if it was refused. */
  const ask = async (path: AdminPath, body: Readonly<Record<string, string>> & { name: string }) => {
    setRefused(undefined)
    const { error, link, token } = await sendAdminForm(path, body)
    if (link !== undefined) onSecret({ title: texts.admin.shownLink(body.name), text: link })
    if (token !== undefined) onSecret({ title: texts.admin.shownToken(body.name), text: token })
    await read()
    return error
  }
  const act = async (path: AdminPath, body: Readonly<Record<string, string>> & { name: string }) => {
    const error = await ask(path, body)
    if (error !== undefined) setRefused(refusalText(error, texts))
  }

  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        aria-label={texts.admin.title}
        value={about}
        onChange={setAbout}
        data={(['operators', 'tokens'] as const).map((value) => ({ value, label: texts.admin[value] }))}
      />
      <Refusal message={known === null ? texts.admin.failed : refused} />
      {known && (
        <ul className={styles.list} aria-label={texts.admin[about]}>
          {about === 'operators'
            ? known.operators.map((one) => (
                <OperatorRow key={one.name} operator={one} mine={me === `operator:${one.name}`} act={act} />
              ))
            : known.tokens.map((one) => <TokenRow key={one.name} token={one} act={act} />)}
        </ul>
      )}
      {about === 'tokens' && known?.tokens.length === 0 && (
        <Text size="sm" c="dimmed">
          {texts.admin.noTokens}. {texts.admin.noTokensHint}
        </Text>
      )}
      <CreateForm key={about} about={about} ask={ask} />
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
      <Text size="sm">{texts.admin.shownOnce}</Text>
      <TextInput readOnly value={text} aria-label={texts.admin.shownOnce} onFocus={(event) => event.target.select()} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" leftSection={<CopyIcon />} onClick={() => void copy()}>
          {copied ? texts.common.copied : texts.common.copy}
        </Button>
        <Button onClick={onDone}>{texts.admin.done}</Button>
      </Group>
    </Stack>
  )
}
