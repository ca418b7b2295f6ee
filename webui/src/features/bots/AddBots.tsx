import { ActionIcon, Button, Group, Progress, Stack, Text, Textarea } from '@mantine/core'
import { CheckCircleFillIcon, UploadIcon, XIcon } from '@primer/octicons-react'
import { type DragEvent, useRef, useState } from 'react'

import { send } from '@/commands/send'
import { refusalText } from '@/explain/reasons'
import styles from '@/features/bots/AddBots.module.css'
import { type Candidate, candidate, withProxies } from '@/features/bots/candidates'
import { droppedFiles } from '@/features/bots/droppedFiles'
import { useTexts } from '@/i18n/useTexts'
import { useMay } from '@/session/roles'
import { Dialog } from '@/ui/Dialog'
import { useUiEvent } from '@/ui/uiEvents'

const FIELDS = ['proxyUrl', 'password', 'label'] as const

/** The dialog that adds bots by maFile, one or a folder of them; each keeps the server's error. */
export function AddBots() {
  const texts = useTexts()
  const [opened, setOpened] = useState(false)
  const [candidates, setCandidates] = useState<readonly Candidate[]>([])
  const [over, setOver] = useState(false)
  const [running, setRunning] = useState(false)
  const picker = useRef<HTMLInputElement>(null)
  const numbers = useRef(0)

  const allowed = useMay('AddBotFromMaFile')
  useUiEvent('addBots', () => setOpened(allowed))

  const take = async (files: readonly File[]) => {
    const read = await Promise.all(
      files.map(async (file) => candidate(file.name, await file.text(), `${(numbers.current += 1)}`)),
    )
    setCandidates((before) => [...before, ...read])
  }
  const change = (key: string, fields: Partial<Candidate>) =>
    setCandidates((before) =>
      before.map((one) => {
        if (one.key !== key) return one
        const { refusal: _, ...rest } = one
        return { ...rest, ...fields }
      }),
    )
  const drop = async (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    await take(await droppedFiles(event.dataTransfer))
  }
  const waiting = candidates.filter((one) => one.state !== 'added' && !one.unusable && one.proxyUrl.trim() !== '')
  const added = candidates.filter((one) => one.state === 'added').length

  const submit = async () => {
    setRunning(true)
    for (const one of waiting) {
      change(one.key, { state: 'sending' })
      const outcome = await send('AddBotFromMaFile', {
        maFile: one.maFile,
        proxyUrl: one.proxyUrl.trim(),
        password: one.password === '' ? null : one.password,
        label: one.label.trim() === '' ? null : one.label.trim(),
      })
      // What was added needs its secrets here no longer.
      if (outcome.ok) change(one.key, { state: 'added', maFile: '', password: '' })
      else
        change(one.key, {
          state: 'waiting',
          refusal: { field: outcome.error.field, message: refusalText(outcome.error, texts) },
        })
    }
    setRunning(false)
  }
  const close = () => {
    setOpened(false)
    setCandidates([])
  }
  return (
    <Dialog opened={opened} onClose={close} size="xl" title={texts.addBots.title}>
      <Stack gap="sm">
        <div
          className={styles.drop}
          data-over={over || undefined}
          onDragOver={(event) => {
            event.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => void drop(event)}
        >
          <UploadIcon size={20} />
          <span>{texts.addBots.drop}</span>
          <Button size="xs" variant="default" data-autofocus onClick={() => picker.current?.click()}>
            {texts.addBots.choose}
          </Button>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            accept=".maFile,.mafile,.json,application/json"
            onChange={(event) => {
              void take([...(event.currentTarget.files ?? [])])
              event.currentTarget.value = ''
            }}
          />
        </div>
        {candidates.length > 1 && (
          <Textarea
            label={texts.addBots.proxies}
            description={texts.addBots.proxiesHint}
            rows={2}
            onBlur={(event) => {
              setCandidates(withProxies(candidates, event.currentTarget.value))
              event.currentTarget.value = ''
            }}
          />
        )}
        <ul className={styles.files}>
          {candidates.map((one) => (
            <li key={one.key} data-state={one.state}>
              <div className={styles.name}>
                <strong>{one.account || one.file}</strong>
                <span>{one.account ? one.file : ''}</span>
                {one.state === 'added' ? (
                  <span className={styles.added}>
                    <CheckCircleFillIcon /> {texts.addBots.added}
                  </span>
                ) : (
                  <ActionIcon
                    size="sm"
                    variant="subtle"
                    color="gray"
                    disabled={one.state === 'sending'}
                    aria-label={texts.addBots.remove}
                    onClick={() => setCandidates(candidates.filter((other) => other.key !== one.key))}
                  >
                    <XIcon size={14} />
                  </ActionIcon>
                )}
              </div>
              {one.unusable ? (
                <p className={styles.refusal}>{texts.addBots.notJson}</p>
              ) : (
                one.state !== 'added' && (
                  <div className={styles.fields}>
                    {FIELDS.map((field) => (
                      <label key={field}>
                        <input
                          type={field === 'password' ? 'password' : 'text'}
                          autoComplete="off"
                          spellCheck={false}
                          value={one[field]}
                          aria-label={
                            {
                              proxyUrl: texts.addBots.proxy,
                              password: texts.addBots.password,
                              label: texts.addBots.label,
                            }[field]
                          }
                          placeholder={
                            {
                              proxyUrl: texts.addBots.proxyHint,
                              password: texts.addBots.password,
                              label: texts.addBots.label,
                            }[field]
                          }
                          title={field === 'password' ? texts.addBots.passwordHint : undefined}
                          aria-invalid={one.refusal?.field === field || undefined}
                          onChange={(event) => change(one.key, { [field]: event.currentTarget.value })}
                        />
                        {one.refusal?.field === field && <span className={styles.refusal}>{one.refusal.message}</span>}
                      </label>
                    ))}
                  </div>
                )
              )}
              {one.refusal && !FIELDS.some((field) => field === one.refusal?.field) && (
                <p className={styles.refusal} role="alert">
                  {one.refusal.message}
                </p>
              )}
            </li>
          ))}
        </ul>
        {(running || added > 0) && (
          <>
            <Progress
              value={(added / candidates.length) * 100}
              aria-label={texts.addBots.progress(added, candidates.length)}
            />
            <Text size="sm">{texts.addBots.progress(added, candidates.length)}</Text>
          </>
        )}
        <Group justify="flex-end" gap="xs">
          <Text size="xs" c="dimmed" style={{ flex: '1 1 260px' }}>
            {texts.addBots.secret}
          </Text>
          <Button loading={running} disabled={waiting.length === 0} onClick={() => void submit()}>
            {waiting.length === 0 ? texts.addBots.title : texts.addBots.submit(waiting.length)}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
