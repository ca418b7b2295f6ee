import { Button, Group, Progress, Stack, Text, TextInput } from '@mantine/core'
import { useMemo, useState, useSyncExternalStore } from 'react'

import styles from '@/bulk/Bulk.module.css'
import { type BulkCommand, carryOut, type BulkEntry, type BulkState } from '@/bulk/plan'
import { BulkRun, type Progress as Run } from '@/bulk/run'
import { ITEM_LENGTH } from '@/contract/limits'
import { refusalText } from '@/explain/reasons'
import { inDigits } from '@/i18n/numbers'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import type { GroupedRows } from '@/lists/groups'
import { Dialog } from '@/ui/Dialog'
import { GroupedList } from '@/ui/GroupedList'
import { Refusal } from '@/ui/Refusal'

interface Props<R> {
  readonly command: BulkCommand<R>
  readonly entries: readonly BulkEntry[]
  readonly find: (key: string) => R | undefined
  /** With the rows that it was not done to, though it should have been. */
  readonly onClose: (left: ReadonlySet<string>) => void
}

/** The heights of an entry, without and with a sentence below it. */
const [ROW_PX, TOLD_PX] = [46, 72]
const GROUPS: readonly BulkState[] = ['refused', 'unfit', 'todo', 'done']

/** Previews a bulk command row by row, then runs it and shows its progress. */
export function BulkDialog<R>({ command, entries, find, onClose }: Props<R>) {
  const texts = useTexts()
  const language = useLanguage()
  const [run] = useState(() => new BulkRun(entries))
  const progress = useSyncExternalStore(run.subscribe, run.progress)
  const [begun, setBegun] = useState(false)
  const [reason, setReason] = useState('')
  const [folded, setFolded] = useState<readonly string[]>([])
  const shown = useMemo(() => grouped(progress.entries), [progress.entries])
  const { count, running } = progress
  const left = count.todo
  const rowHeight = count.unfit + count.refused > 0 ? TOLD_PX : ROW_PX

  const start = () => {
    setBegun(true)
    const said = reason.trim() === '' ? null : reason.trim()
    void run.start((entry) => carryOut(entry, command, find, said, texts))
  }
  const close = () => {
    if (running) run.stop()
    else if (!begun) onClose(new Set(entries.map(({ key }) => key)))
    else onClose(new Set(progress.entries.flatMap(({ key, state }) => (state === 'done' ? [] : [key]))))
  }
  return (
    <Dialog opened onClose={close} title={command.title(begun ? entries.length - count.unfit : left)}>
      <Stack gap="sm">
        <Text size="sm">{command.hint}</Text>
        {begun ? (
          <Advance progress={progress} />
        ) : (
          <p className={styles.sum}>{texts.bulk.preview(left, count.unfit)}</p>
        )}
        <div className={styles.list} style={{ height: heightOf(shown, rowHeight, folded) }}>
          <GroupedList
            shown={shown}
            rowHeight={rowHeight}
            label={texts.bulk.title}
            groupLabel={(group) => texts.bulk.groups[group as BulkState]}
            isFolded={(group) => folded.includes(group)}
            onFold={(group) =>
              setFolded((before) =>
                before.includes(group) ? before.filter((one) => one !== group) : [...before, group],
              )
            }
            rowKey={(entry) => entry.key}
            renderRow={(entry) => <EntryRow entry={entry} />}
          />
        </div>
        {!begun && command.reason !== undefined && left > 0 && (
          <TextInput
            label={command.reason}
            value={reason}
            maxLength={ITEM_LENGTH}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        <Refusal message={progress.error && texts.bulk.cut(refusalText(progress.error, texts))} />
        <Group justify="flex-end" gap="xs">
          {running ? (
            <Button variant="default" data-autofocus onClick={() => run.stop()}>
              {texts.bulk.stop}
            </Button>
          ) : (
            <>
              <Button variant="default" data-autofocus={left === 0 || undefined} onClick={close}>
                {begun || left === 0 ? texts.common.close : texts.common.cancel}
              </Button>
              {left > 0 && (
                <Button data-autofocus onClick={start} {...(command.danger ? { color: 'red' } : {})}>
                  {begun ? texts.bulk.goOn(left) : `${command.label} (${inDigits(left, language)})`}
                </Button>
              )}
            </>
          )}
        </Group>
      </Stack>
    </Dialog>
  )
}

/** How far it has come. */
function Advance({ progress: { count, running } }: { progress: Run }) {
  const texts = useTexts()
  const [all, tried] = [count.todo + count.done + count.refused, count.done + count.refused]
  return (
    <div className={styles.advance}>
      <p className={styles.sum} role="status">
        {running || count.todo === 0 ? '' : `${texts.bulk.stopped} `}
        {texts.bulk.progress(count.done, all)}
        {count.refused > 0 && ` ${texts.bulk.refusals(count.refused)}`}
      </p>
      <Progress value={all === 0 ? 100 : (tried / all) * 100} aria-label={texts.bulk.title} />
    </div>
  )
}

function EntryRow({ entry: { title, detail, why, state } }: { entry: BulkEntry }) {
  return (
    <div className={styles.entry} data-state={state} title={[title, detail, why].filter(Boolean).join('\n')}>
      <span className={styles.name}>{title}</span>
      <span className={styles.detail}>{detail}</span>
      {why !== undefined && <span className={styles.why}>{why}</span>}
    </div>
  )
}

function grouped(entries: readonly BulkEntry[]): GroupedRows<BulkEntry> {
  const of: Record<BulkState, BulkEntry[]> = { refused: [], unfit: [], todo: [], done: [] }
  for (const entry of entries) of[entry.state].push(entry)
  return { groups: GROUPS.map((name) => ({ name, rows: of[name] })), total: entries.length }
}

/** As high as what it shows, as far as a window has room. */
function heightOf(shown: GroupedRows<BulkEntry>, rowHeight: number, folded: readonly string[]): string {
  const groups = shown.groups.filter(({ rows }) => rows.length > 0)
  const rows = groups.reduce((sum, { name, rows: { length } }) => sum + (folded.includes(name) ? 0 : length), 0)
  return `min(${groups.length * 32 + rows * rowHeight + 2}px, 44vh)`
}
