import { GraphIcon, UnlinkIcon } from '@primer/octicons-react'
import { Button } from '@mantine/core'
import { useMemo } from 'react'

import type { CommandError } from '@/commands/send'
import type { ArchiveStatus, Count, DealReport } from '@/contract/history'
import { refusalText } from '@/explain/reasons'
import { Links } from '@/features/reports/Figure'
import { Figures } from '@/features/reports/Figures'
import { ReportBar } from '@/features/reports/ReportBar'
import { type ReportQuery, reportQuery, reportUrl, rowsAddress } from '@/features/reports/reportQuery'
import styles from '@/features/reports/Reports.module.css'
import { Rows } from '@/features/reports/Rows'
import { pastUrl } from '@/history/ask'
import { dayIn, daysOf } from '@/history/days'
import { usePast } from '@/history/usePast'
import { useTexts } from '@/i18n/useTexts'
import { useAppSelector } from '@/store/store'
import { EmptyState } from '@/ui/EmptyState'
import { useNow } from '@/ui/useNow'

/** How often a report that holds today is read again. */
const EVERY_MS = 30_000

/** What came of the work, for some days: numbers, each with its rows, and their charts. */
export default function Reports() {
  const texts = useTexts()
  const now = useNow()
  const asked = useAppSelector((state) => state.workspace.report)
  const query = useMemo(() => reportQuery(new URLSearchParams(asked)), [asked])
  const house = usePast<ArchiveStatus>(pastUrl('status'))
  const zone = house.value?.zone
  const today = zone === undefined ? undefined : dayIn(now, zone)
  if (today === undefined) {
    if (house.error === undefined) return <Loading />
    return <Failed error={house.error} again={house.again} />
  }
  if (query.rows !== undefined) return <Rows key={query.rows} query={query} rows={query.rows} />
  return (
    <section className={styles.place} aria-label={texts.places.reports}>
      <Report query={query} today={today} />
    </section>
  )
}

function Report({ query, today }: { query: ReportQuery; today: string }) {
  const texts = useTexts()
  const days = query.days ?? daysOf('week', today)
  const url = reportUrl(query, today)
  const asked = usePast<DealReport>(url, days.last >= today ? EVERY_MS : undefined)
  const { value: report } = asked
  const links = useMemo(
    () => ({
      url,
      days: days.first === days.last ? days.first : `${days.first}-${days.last}`,
      addressOf: (count: Count, of: string) => rowsAddress(query, count, of),
    }),
    [url, days.first, days.last, query],
  )
  return (
    <Links value={links}>
      <ReportBar query={query} today={today} days={days} report={report} />
      {report && <CatchingUp report={report} />}
      <div className={styles.body} data-pending={(asked.pending && report !== undefined) || undefined}>
        {report ? (
          <Figures report={report} />
        ) : asked.error !== undefined ? (
          <Failed error={asked.error} again={asked.again} />
        ) : (
          <p className={styles.loading} role="status">
            {texts.report.loading}
          </p>
        )}
      </div>
    </Links>
  )
}

/** So many events that it is worth a word: what the last half second brought is not. */
const BEHIND_WORTH_SAYING = 500

function CatchingUp({ report: { building, behind = 0 } }: { report: DealReport }) {
  const texts = useTexts()
  if (building !== true && behind < BEHIND_WORTH_SAYING) return null
  return (
    <p className={styles.behind} role="status">
      {building === true && `${texts.report.building} `}
      {behind > 0 && texts.report.behind(behind)}
    </p>
  )
}

export function Loading() {
  const texts = useTexts()
  return (
    <p className={styles.loading} role="status">
      {texts.report.loading}
    </p>
  )
}

/** A system without the plugin has no such address at all. */
function Failed({ error, again }: { error: CommandError; again: () => void }) {
  const texts = useTexts()
  const none = error.code === 'notFound'
  return (
    <EmptyState
      icon={none ? GraphIcon : UnlinkIcon}
      title={none ? texts.report.none : texts.report.failed}
      hint={none ? texts.report.noneHint : `${refusalText(error, texts)} ${texts.report.failedHint}`}
    >
      {!none && (
        <Button size="xs" variant="default" onClick={again}>
          {texts.report.again}
        </Button>
      )}
    </EmptyState>
  )
}
