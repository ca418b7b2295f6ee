import type { DealReport } from '@/contract/history'
import { reportAddress, rowsAddress } from '@/features/reports/reportQuery'
import styles from '@/features/reports/Reports.module.css'
import { Strip } from '@/features/reports/Strip'
import { reasonName } from '@/features/reports/words'
import { pastUrl } from '@/history/ask'
import { usePast } from '@/history/usePast'
import { inDigits, inMoney } from '@/i18n/numbers'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import { AddressLink } from '@/ui/AddressLink'

const EVERY_MS = 15_000
/** Reasons that the line has room for; the report has them all. */
const REASONS = 3

/** What has come of today's tasks so far. Nothing, where there is no archive or it does not answer. */
export function TodayStrip() {
  const texts = useTexts()
  const language = useLanguage()
  const { value: report } = usePast<DealReport>(pastUrl('report'), EVERY_MS)
  if (report === undefined) return null
  const { firstDay, lastDay, funnel, sums, failures } = report
  const query = { days: { first: firstDay, last: lastDay }, filters: {} }
  const failed = failures.reduce((sum, { tasks }) => sum + tasks.n, 0)
  return (
    <section aria-label={texts.report.today}>
      <Strip
        funnel={funnel}
        addressOf={(count, of) => rowsAddress(query, count, of)}
        first={texts.report.spans.today}
      />
      <p className={styles.line}>
        {sums.map(({ currency, sum, agreed }) => (
          <AddressLink
            key={currency}
            className={styles.plain}
            to={rowsAddress(query, agreed, texts.report.stages.agreed)}
          >
            {texts.report.stages.agreed}{' '}
            <b>
              {inMoney(sum, language)} {currency}
            </b>
          </AddressLink>
        ))}
        {failed > 0 && (
          <span>
            {texts.report.failedTasks} <b>{inDigits(failed, language)}</b>
            {': '}
            {failures.slice(0, REASONS).map(({ reason, tasks }, at) => (
              <span key={reason ?? ''}>
                {at > 0 && ', '}
                <AddressLink className={styles.plain} to={rowsAddress(query, tasks, reasonName(reason, texts))}>
                  {reasonName(reason, texts)} {inDigits(tasks.n, language)}
                </AddressLink>
              </span>
            ))}
          </span>
        )}
        <AddressLink className={styles.report} to={reportAddress(query)}>
          {texts.report.ofTheDay}
        </AddressLink>
      </p>
    </section>
  )
}
