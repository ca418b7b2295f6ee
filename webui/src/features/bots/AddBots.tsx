import { Button, Group, PasswordInput, Progress, Stack, Text, Textarea } from '@mantine/core'
import { UploadIcon } from '@primer/octicons-react'
import { type ChangeEvent, type DragEvent, useRef, useState } from 'react'

import type { CommandError } from '@/commands/send'
import { refusalText } from '@/explain/reasons'
import styles from '@/features/bots/AddBots.module.css'
import { type ChosenFile, droppedFiles, pickedFiles } from '@/features/bots/chosenFiles'
import { ImportTable } from '@/features/bots/ImportTable'
import {
  asTable,
  carriedOut,
  discard,
  ImportRefused,
  type ImportRow,
  type ImportState,
  LARGEST_FILE,
  planned,
  rowsOf,
} from '@/features/bots/imports'
import { useTexts } from '@/i18n/useTexts'
import { useMay } from '@/session/roles'
import { Dialog } from '@/ui/Dialog'
import { useUiEvent } from '@/ui/uiEvents'

const EMPTY = { passwords: '', proxies: '', passkey: '' }

/** The dialog that adds bots by maFile: files and lists, then a plan, then what came of it. */
export function AddBots() {
  const texts = useTexts()
  const words = texts.addBots
  const [opened, setOpened] = useState(false)
  const [files, setFiles] = useState<readonly ChosenFile[]>([])
  const [lists, setLists] = useState(EMPTY)
  const [state, setState] = useState<ImportState>()
  const [rows, setRows] = useState<readonly ImportRow[]>()
  const [labels, setLabels] = useState<Readonly<Record<string, string>>>({})
  const [refusal, setRefusal] = useState<CommandError>()
  const [running, setRunning] = useState(false)
  const [over, setOver] = useState(false)
  const picker = useRef<HTMLInputElement>(null)
  const folderPicker = useRef<HTMLInputElement>(null)
  // What a dialog that was closed meanwhile has still to tell is for nobody.
  const turn = useRef(0)

  const allowed = useMay('AddBotFromMaFile')
  useUiEvent('addBots', () => setOpened(allowed))

  const take = (more: readonly ChosenFile[]) => {
    const large = more.filter(({ file }) => file.size > LARGEST_FILE)
    setRefusal(large[0] && { code: 'tooLarge', message: words.tooLarge(large[0].name) })
    setFiles((before) => [...before, ...more.filter(({ file }) => file.size <= LARGEST_FILE)])
  }
  const pick = (event: ChangeEvent<HTMLInputElement>) => {
    take(pickedFiles(event.currentTarget.files ?? []))
    event.currentTarget.value = ''
  }
  const drop = async (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    take(await droppedFiles(event.dataTransfer))
  }
  const run = async (work: (seen: (state: ImportState) => void) => Promise<ImportState>) => {
    const mine = (turn.current += 1)
    const current = () => turn.current === mine
    setRunning(true)
    setRefusal(undefined)
    try {
      const end = await work((now) => current() && setState(now))
      const told = await rowsOf(end.importId)
      if (current()) setRows(told)
    } catch (error) {
      if (current()) setRefusal(error instanceof ImportRefused ? error.refusal : { code: 'internal', message: '' })
    }
    if (current()) setRunning(false)
  }
  const again = () => {
    if (state !== undefined) discard(state.importId)
    setState(undefined)
    setRows(undefined)
    setRefusal(undefined)
  }
  const close = () => {
    turn.current += 1
    if (state !== undefined && state.stage !== 'adding') discard(state.importId)
    setOpened(false)
    setRunning(false)
    setFiles([])
    setLists(EMPTY)
    setLabels({})
    again()
  }
  const save = () => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([asTable(rows ?? [])], { type: 'text/csv' }))
    link.download = 'import.csv'
    link.click()
    URL.revokeObjectURL(link.href)
  }
  const fresh = state?.counts.new ?? 0
  const finished = state?.stage === 'done'
  return (
    <Dialog opened={opened} onClose={close} size="xl" title={words.title}>
      <Stack gap="sm">
        {rows === undefined && (
          <>
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
              <span>{files.length === 0 ? words.drop : words.chosen(files.length)}</span>
              <Button size="xs" variant="default" data-autofocus onClick={() => picker.current?.click()}>
                {words.choose}
              </Button>
              <Button size="xs" variant="default" onClick={() => folderPicker.current?.click()}>
                {words.chooseFolder}
              </Button>
              {files.length > 0 && (
                <Button size="xs" variant="subtle" color="gray" disabled={running} onClick={() => setFiles([])}>
                  {words.clear}
                </Button>
              )}
              <input ref={picker} type="file" multiple hidden onChange={pick} />
              <input ref={folderPicker} type="file" multiple hidden {...{ webkitdirectory: '' }} onChange={pick} />
            </div>
            {(['proxies', 'passwords'] as const).map((name) => (
              <Textarea
                key={name}
                label={words[name]}
                description={words[`${name}Hint`]}
                rows={3}
                autoComplete="off"
                spellCheck={false}
                value={lists[name]}
                onChange={(event) => setLists({ ...lists, [name]: event.currentTarget.value })}
              />
            ))}
            <PasswordInput
              label={words.passkey}
              description={words.passkeyHint}
              autoComplete="off"
              value={lists.passkey}
              onChange={(event) => setLists({ ...lists, passkey: event.currentTarget.value })}
            />
          </>
        )}
        {rows !== undefined && state !== undefined && (
          <ImportTable
            state={state}
            rows={rows}
            labels={labels}
            {...(finished || running ? {} : { onLabel: (file, label) => setLabels({ ...labels, [file]: label }) })}
          />
        )}
        {refusal && (
          <p className={styles.refusal} role="alert">
            {refusalText(refusal, texts)}
          </p>
        )}
        {running && state !== undefined && (
          <>
            <Progress
              value={state.total === 0 ? 0 : (state.done / state.total) * 100}
              aria-label={words.progress(state.done, state.total)}
            />
            <Text size="sm" role="status">
              {words.progress(state.done, state.total)}
            </Text>
          </>
        )}
        <Group justify="flex-end" gap="xs">
          <Text size="xs" c="dimmed" style={{ flex: '1 1 260px' }}>
            {words.secret}
          </Text>
          {rows !== undefined && (
            <>
              {!finished && (
                <Button variant="default" disabled={running} onClick={again}>
                  {words.back}
                </Button>
              )}
              <Button variant="default" disabled={running} onClick={save}>
                {words.save}
              </Button>
            </>
          )}
          {rows === undefined ? (
            <Button
              loading={running}
              disabled={files.length === 0}
              onClick={() => void run((seen) => planned(files, lists, seen))}
            >
              {words.plan}
            </Button>
          ) : finished ? (
            <Button onClick={close}>{words.close}</Button>
          ) : (
            <Button
              loading={running}
              disabled={fresh === 0}
              onClick={() => void run((seen) => carriedOut(state?.importId ?? '', labels, seen))}
            >
              {words.submit(fresh)}
            </Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  )
}
