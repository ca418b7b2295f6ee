import { Button, Group, SegmentedControl, TextInput } from '@mantine/core'
import { DownloadIcon } from '@primer/octicons-react'
import { type ChangeEvent, useEffect, useState } from 'react'

import { actorName } from '@/explain/explain'
import { refusalText } from '@/explain/reasons'
import styles from '@/features/audit/Audit.module.css'
import { type AuditFormat, type AuditRecord, exportAudit, NO_FILTER, readAudit } from '@/features/audit/read'
import { moment } from '@/i18n/time'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import { useIdentity } from '@/session/identity'
import { Dialog } from '@/ui/Dialog'
import { Refusal } from '@/ui/Refusal'
import { useUiEvent } from '@/ui/uiEvents'
import { useNow } from '@/ui/useNow'

/** Who did what, when and from where: for admins, whom alone the server tells. */
export function Audit() {
  const texts = useTexts()
  const who = useIdentity()
  const [opened, setOpened] = useState(false)
  useUiEvent('audit', () => setOpened(who?.role === 'admin'))
  return (
    <Dialog opened={opened} onClose={() => setOpened(false)} title={texts.audit.title} size="xl">
      {opened && <Records />}
    </Dialog>
  )
}

function Records() {
  const texts = useTexts()
  const [filter, setFilter] = useState(NO_FILTER)
  const [records, setRecords] = useState<readonly AuditRecord[] | undefined>([])
  const [exporting, setExporting] = useState<AuditFormat>()
  const [refused, setRefused] = useState<string>()
  const take = async (format: AuditFormat) => {
    setExporting(format)
    const error = await exportAudit(filter, format)
    setExporting(undefined)
    setRefused(error && refusalText(error, texts))
  }
  useEffect(() => {
    const reading = new AbortController()
    // what is typed is asked for once it is typed
    const timer = setTimeout(() => {
      void readAudit(filter, reading.signal).then((found) => {
        if (!reading.signal.aborted) setRecords(found)
      })
    }, 200)
    return () => {
      clearTimeout(timer)
      reading.abort()
    }
  }, [filter])
  const set = (name: 'actor' | 'action' | 'subject') => (event: ChangeEvent<HTMLInputElement>) => {
    const { value } = event.currentTarget
    setFilter((before) => ({ ...before, [name]: value }))
  }
  return (
    <div className={styles.audit}>
      <Group className={styles.filters} gap="xs" align="flex-end">
        <TextInput data-autofocus size="xs" label={texts.audit.who} value={filter.actor} onChange={set('actor')} />
        <TextInput size="xs" label={texts.audit.what} value={filter.action} onChange={set('action')} />
        <TextInput size="xs" label={texts.audit.subject} value={filter.subject} onChange={set('subject')} />
        <SegmentedControl
          size="xs"
          aria-label={texts.audit.result}
          data={[
            { value: '', label: texts.audit.all },
            { value: 'ok', label: texts.audit.done },
            { value: 'refused', label: texts.audit.refused },
          ]}
          value={filter.result}
          onChange={(result) => setFilter((before) => ({ ...before, result }))}
        />
      </Group>
      <Refusal message={records === undefined ? texts.audit.failed : refused} />
      {records !== undefined && <Table records={records} />}
      <Group gap="xs" justify="flex-end">
        {(['csv', 'ndjson'] as const).map((format) => (
          <Button
            key={format}
            size="xs"
            loading={exporting === format}
            onClick={() => void take(format)}
            variant="default"
            leftSection={<DownloadIcon size={14} />}
          >
            {texts.audit.export(format.toUpperCase())}
          </Button>
        ))}
      </Group>
    </div>
  )
}

function Table({ records }: { records: readonly AuditRecord[] }) {
  const texts = useTexts()
  const language = useLanguage()
  const now = useNow()
  if (records.length === 0) return <p className={styles.none}>{texts.audit.none}</p>
  const done: Readonly<Record<string, string>> = { ok: texts.audit.done, repeated: texts.audit.repeated }
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={texts.audit.title}>
      <table className={styles.table}>
        <thead>
          <tr>
            {[
              texts.audit.when,
              texts.audit.who,
              texts.audit.what,
              texts.audit.subject,
              texts.audit.result,
              texts.audit.from,
            ].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <tr key={record.seq} data-refused={!(record.result in done) || undefined}>
              <td>{moment(record.ts, now, language)}</td>
              <td>{record.actor === 'stranger' ? texts.audit.stranger : actorName(record.actor, texts)}</td>
              <td>{record.action}</td>
              <td>{record.subject ?? ''}</td>
              <td>{done[record.result] ?? record.result}</td>
              <td title={record.via}>{record.address}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
