import { Button, Menu, Popover, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { CalendarIcon, DownloadIcon, FilterIcon } from '@primer/octicons-react'
import { type SubmitEvent, type ReactNode, useState } from 'react'

import type { DealReport } from '@/contract/history'
import { refusalText } from '@/explain/reasons'
import {
  type FilterName,
  type Filters,
  FILTERS,
  reportAddress,
  type ReportQuery,
  reportUrl,
} from '@/features/reports/reportQuery'
import styles from '@/features/reports/Reports.module.css'
import { filePast } from '@/history/ask'
import { type Days, daysOf, type Span, spanOf, SPANS } from '@/history/days'
import { clockTime, dayOfMonth } from '@/i18n/time'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import { openAddress } from '@/store/addresses'
import { useAppStore } from '@/store/store'
import { Refusal } from '@/ui/Refusal'
import { saveFile } from '@/ui/saveFile'

interface Props {
  readonly query: ReportQuery
  readonly today: string
  readonly days: Days
  readonly report: DealReport | undefined
}

/** Which days, of what; as of when; and all of it as files. */
export function ReportBar({ query, today, days, report }: Props) {
  const texts = useTexts()
  const language = useLanguage()
  const span = spanOf(days, today)
  const store = useAppStore()
  const ask = (change: Partial<ReportQuery>) => openAddress(store, reportAddress({ ...query, days, ...change }))
  return (
    <header className={styles.bar}>
      <h2>{texts.places.reports}</h2>
      <SegmentedControl
        size="xs"
        aria-label={texts.report.range}
        value={span ?? ''}
        onChange={(value) => ask({ days: daysOf(value as Span, today) })}
        data={SPANS.map((value) => ({ value, label: texts.report.spans[value] }))}
      />
      <Panel icon={<CalendarIcon />} label={rangeText(days, today, language)} hint={texts.report.range}>
        {(close) => (
          <DaysForm
            days={days}
            zone={report?.zone}
            onShow={(chosen) => {
              close()
              ask({ days: chosen })
            }}
          />
        )}
      </Panel>
      <Panel
        icon={<FilterIcon />}
        label={Object.values(query.filters).join(', ') || texts.report.filter}
        hint={texts.report.filter}
        quiet
      >
        {(close) => (
          <FilterForm
            filters={query.filters}
            onShow={(filters) => {
              close()
              ask({ filters })
            }}
          />
        )}
      </Panel>
      <span className={styles.space} />
      {report && <span className={styles.asOf}>{texts.report.asOf(clockTime(report.asOf, language))}</span>}
      <ExportAll query={query} today={today} days={days} />
    </header>
  )
}

function rangeText({ first, last }: Days, today: string, language: 'en' | 'ru'): string {
  const year = today.slice(0, 4)
  const [from, to] = [dayOfMonth(first, language, year), dayOfMonth(last, language, year)]
  return first === last ? from : `${from} – ${to}`
}

interface PanelProps {
  readonly icon: ReactNode
  readonly label: string
  readonly hint: string
  readonly quiet?: boolean
  readonly children: (close: () => void) => ReactNode
}

function Panel({ icon, label, hint, quiet = false, children }: PanelProps) {
  const [opened, setOpened] = useState(false)
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          {...(quiet ? { variant: 'subtle', color: 'gray' } : { variant: 'default' })}
          className={styles.panel}
          leftSection={icon}
          aria-label={`${hint}: ${label}`}
          onClick={() => setOpened(!opened)}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>{opened && children(() => setOpened(false))}</Popover.Dropdown>
    </Popover>
  )
}

function DaysForm({ days, zone, onShow }: { days: Days; zone: string | undefined; onShow: (days: Days) => void }) {
  const texts = useTexts()
  const [{ first, last }, setDays] = useState(days)
  const none = first === '' || last === '' || first > last
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (!none) onShow({ first, last })
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <TextInput
          type="date"
          size="xs"
          label={texts.report.from}
          value={first}
          onChange={(event) => setDays({ first: event.currentTarget.value, last })}
        />
        <TextInput
          type="date"
          size="xs"
          label={texts.report.to}
          value={last}
          error={first > last && first !== '' && last !== '' ? texts.report.emptyRange : undefined}
          onChange={(event) => setDays({ first, last: event.currentTarget.value })}
        />
        {zone !== undefined && <small className={styles.hint}>{texts.report.zone(zone)}</small>}
        <Button size="xs" type="submit" disabled={none}>
          {texts.report.show}
        </Button>
      </Stack>
    </form>
  )
}

function FilterForm({ filters, onShow }: { filters: Filters; onShow: (filters: Filters) => void }) {
  const texts = useTexts()
  const [typed, setTyped] = useState<Filters>(() => ({ ...filters, ...bare(filters) }))
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    onShow(whole(typed))
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        {FILTERS.map((name) => (
          <TextInput
            key={name}
            size="xs"
            label={texts.report.filters[name]}
            value={typed[name] ?? ''}
            onChange={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
          />
        ))}
        <small className={styles.hint}>{texts.report.filterHint}</small>
        <Button size="xs" type="submit">
          {texts.report.show}
        </Button>
        <Button size="xs" variant="default" onClick={() => onShow({})}>
          {texts.report.clear}
        </Button>
      </Stack>
    </form>
  )
}

/** A bare name is what colleagues and agents are called by; the server knows both as actors. */
const KINDS: Readonly<Partial<Record<FilterName, string>>> = { agent: 'agent', operator: 'operator' }

export function whole(filters: Filters): Filters {
  const found: Partial<Record<FilterName, string>> = {}
  for (const name of FILTERS) {
    const value = filters[name]?.trim() ?? ''
    const kind = KINDS[name]
    if (value !== '') found[name] = kind === undefined || value.includes(':') ? value : `${kind}:${value}`
  }
  return found
}

function bare(filters: Filters): Filters {
  const found: Partial<Record<FilterName, string>> = {}
  for (const [name, kind] of Object.entries(KINDS) as [FilterName, string][]) {
    const value = filters[name]
    if (value?.startsWith(`${kind}:`) === true) found[name] = value.slice(kind.length + 1)
  }
  return found
}

const TABLES = [
  'items',
  'sums',
  'failures',
  'fallthroughs',
  'causes',
  'handovers',
  'answers',
  'leaders',
  'days',
] as const

function ExportAll({ query, today, days }: { query: ReportQuery; today: string; days: Days }) {
  const texts = useTexts()
  const [refused, setRefused] = useState<string>()
  const { report } = texts
  const names: Readonly<Record<(typeof TABLES)[number], string>> = {
    items: report.prices,
    sums: report.sums,
    failures: report.failures,
    fallthroughs: report.fallthroughs,
    causes: report.causes,
    handovers: report.handovers,
    answers: report.answers,
    leaders: report.leaders,
    days: report.days,
  }
  const save = async (table: string, format: 'csv' | 'ndjson') => {
    const answer = await filePast(reportUrl(query, today, { table }), format)
    setRefused(answer.ok ? undefined : refusalText(answer.error, texts))
    if (answer.ok) saveFile(answer.value, `report-${table}-${days.first}-${days.last}.${format}`)
  }
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<DownloadIcon />}>
            {report.export}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(['csv', 'ndjson'] as const).flatMap((format) => [
            <Menu.Label key={format}>{format.toUpperCase()}</Menu.Label>,
            ...TABLES.map((table) => (
              <Menu.Item key={`${table}.${format}`} onClick={() => void save(table, format)}>
                {names[table]}
              </Menu.Item>
            )),
          ])}
        </Menu.Dropdown>
      </Menu>
      <Refusal message={refused} onClose={() => setRefused(undefined)} closeLabel={texts.common.close} />
    </>
  )
}
