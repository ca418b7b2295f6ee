import { Button, Group, Stack, Text } from '@mantine/core'
import { CopyIcon, DownloadIcon, FileIcon } from '@primer/octicons-react'
import { useState } from 'react'

import styles from '@/features/access/RecoveryCodes.module.css'
import { useTexts } from '@/i18n/useTexts'
import { Dialog } from '@/ui/Dialog'
import { saveFile } from '@/ui/saveFile'
import { useUiEvent } from '@/ui/uiEvents'

/** The recovery codes, shown once, wherever they were made: they stay until the person has them. */
export function RecoveryCodes() {
  const texts = useTexts()
  const [codes, setCodes] = useState<readonly string[]>([])
  useUiEvent('recoveryCodes', (said) => setCodes(said.split(' ').filter(Boolean)))
  const close = () => setCodes([])
  return (
    <Dialog opened={codes.length > 0} onClose={close} title={texts.secondFactor.recoveryTitle} hold>
      {codes.length > 0 && <Codes codes={codes} onDone={close} />}
    </Dialog>
  )
}

function Codes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const { secondFactor, common, admin } = useTexts()
  const [copied, setCopied] = useState(false)
  const text = `${codes.join('\n')}\n`
  const copy = async () => {
    // pages that came without encryption have no clipboard: there is the file, and paper
    const { clipboard } = navigator as { clipboard?: Clipboard }
    await clipboard?.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    )
  }
  return (
    <Stack gap="sm">
      <Text size="sm">{secondFactor.recoveryShown}</Text>
      <ul id="recovery-codes" className={styles.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" leftSection={<CopyIcon />} onClick={() => void copy()}>
          {copied ? common.copied : common.copy}
        </Button>
        <Button
          variant="default"
          leftSection={<DownloadIcon />}
          onClick={() => saveFile(new Blob([text], { type: 'text/plain' }), 'switchboard-recovery-codes.txt')}
        >
          {secondFactor.download}
        </Button>
        <Button variant="default" leftSection={<FileIcon />} onClick={() => window.print()}>
          {secondFactor.print}
        </Button>
        <Button onClick={onDone} autoFocus>
          {admin.done}
        </Button>
      </Group>
    </Stack>
  )
}
