import { Button, Group, Progress, Stack, Text, Textarea } from '@mantine/core'
import { useEffect, useState } from 'react'

import type { CommandError } from '@/commands/send'
import { refusalText } from '@/explain/reasons'
import styles from '@/features/bots/ProxyCheck.module.css'
import { type CheckProgress, explainReport, inOrder, readCheck, startCheck } from '@/features/bots/checkProxies'
import { useTexts } from '@/i18n/useTexts'
import { useMay } from '@/session/roles'
import { useAppSelector } from '@/store/store'
import { Dialog } from '@/ui/Dialog'

const LOOK_MS = 500

/** The button above the list of bots, for those who may add bots, and the dialog in which the check is followed. */
export function ProxyCheck() {
  const texts = useTexts().proxyCheck
  const [opened, setOpened] = useState(false)
  if (!useMay('AddBotFromMaFile')) return null
  return (
    <>
      <Button className={styles.open} size="xs" variant="default" onClick={() => setOpened(true)}>
        {texts.title}
      </Button>
      <Dialog opened={opened} onClose={() => setOpened(false)} size="xl" title={texts.title}>
        <Check />
      </Dialog>
    </>
  )
}

function Check() {
  const texts = useTexts()
  const [list, setList] = useState('')
  const [state, setState] = useState<CheckProgress>()
  const [error, setError] = useState<CommandError>()
  const running = state?.running ?? false

  useEffect(() => {
    const aborter = new AbortController()
    const look = async () => {
      const seen = await readCheck(aborter.signal)
      if (seen !== undefined && (seen.running || seen.total > 0)) setState(seen)
    }
    void look()
    const timer = running ? setInterval(() => void look(), LOOK_MS) : undefined
    return () => {
      clearInterval(timer)
      aborter.abort()
    }
  }, [running])

  const start = async () => {
    const answer = await startCheck(list)
    setError(answer.error)
    if ('rows' in answer && answer.error === undefined) setState(answer)
  }
  const rows = state === undefined ? [] : inOrder(state.rows)
  const failed = rows.filter((row) => !row.ok).length
  return (
    <Stack gap="sm">
      <Textarea
        label={texts.proxyCheck.list}
        description={texts.proxyCheck.listHint}
        rows={3}
        spellCheck={false}
        value={list}
        onChange={(event) => setList(event.currentTarget.value)}
      />
      <Group justify="flex-end">
        <Button data-autofocus loading={running} onClick={() => void start()}>
          {list.trim() === '' ? texts.proxyCheck.startBots : texts.proxyCheck.startList}
        </Button>
      </Group>
      {error !== undefined && (
        <p className={styles.refusal} role="alert">
          {refusalText(error, texts)}
        </p>
      )}
      {state !== undefined && (
        <>
          <Progress
            value={state.total === 0 ? 100 : (state.done / state.total) * 100}
            aria-label={texts.proxyCheck.progress(state.done, state.total)}
          />
          <Text size="sm" role="status">
            {running
              ? texts.proxyCheck.progress(state.done, state.total)
              : texts.proxyCheck.summary(rows.length - failed, failed)}
          </Text>
          <ul className={styles.rows}>
            {rows.map((row) => (
              <li key={`${row.line ?? ''} ${row.botId ?? ''} ${row.proxy}`} data-ok={row.ok}>
                <strong>
                  <Whose line={row.line} botId={row.botId} />
                </strong>
                <span>{row.proxy}</span>
                <span>{row.ms === undefined ? '' : texts.proxyCheck.ms(row.ms)}</span>
                <span>{row.exit ?? ''}</span>
                <p>{explainReport(row, texts)}</p>
              </li>
            ))}
          </ul>
        </>
      )}
    </Stack>
  )
}

function Whose({ line, botId }: { readonly line: number | undefined; readonly botId: string | undefined }) {
  const texts = useTexts().proxyCheck
  const label = useAppSelector(({ replica }) => (botId === undefined ? undefined : replica.bots.get(botId)?.label))
  return [line === undefined ? '' : texts.line(line), label ?? botId ?? ''].filter((part) => part !== '').join(' · ')
}
