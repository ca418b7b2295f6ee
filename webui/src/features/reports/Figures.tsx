import { GraphIcon } from '@primer/octicons-react'
import { useState } from 'react'

import type { DealReport } from '@/contract/history'
import { barTable, Bars } from '@/features/reports/Bars'
import { CauseChart } from '@/features/reports/CauseChart'
import { DayChart, dayTable } from '@/features/reports/DayChart'
import { Figure } from '@/features/reports/Figure'
import { FunnelPart, funnelTable } from '@/features/reports/FunnelPart'
import { PriceRanges, priceTable } from '@/features/reports/PriceRanges'
import styles from '@/features/reports/Reports.module.css'
import { answerTable, causeTable, leaderTable, sumTable } from '@/features/reports/tables'
import { handoverName, reasonName } from '@/features/reports/words'
import { dayOfMonth } from '@/i18n/time'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import { EmptyState } from '@/ui/EmptyState'

/** All that a report says: the funnel first, then what it was agreed for, why not, and by whom. */
export function Figures({ report }: { report: DealReport }) {
  const texts = useTexts()
  const language = useLanguage()
  const { funnel, ended, items, failures, days, leaders, causes, handovers, answers } = report
  const [asTable, setAsTable] = useState(false)
  if (funnel.created.n === 0 && ended.n === 0 && answers.length === 0) return <Empty report={report} />
  const failed = failures.map(({ reason, tasks }) => ({
    key: reason ?? '',
    name: reasonName(reason, texts),
    count: tasks,
  }))
  const failedTasks = failed.reduce((sum, { count }) => sum + count.n, 0)
  const handed = handovers.map(({ why, tasks }) => ({ key: why, name: handoverName(why, texts), count: tasks }))
  const fallen = report.fallthroughs.map(({ reason, tasks }) => ({
    key: reason ?? '',
    name: reasonName(reason, texts),
    count: tasks,
  }))
  const fallenTasks = fallen.reduce((sum, { count }) => sum + count.n, 0)
  const barHead = [texts.report.reason, texts.report.tasks, texts.report.share]
  return (
    <>
      <FunnelPart report={report} onTable={() => setAsTable(!asTable)} asTable={asTable} />
      <div className={styles.figures}>
        {asTable && <Figure wide title={texts.report.funnel} table={funnelTable(report, texts)} />}
        <Figure
          title={texts.report.prices}
          hint={texts.report.pricesHint}
          name="items"
          table={priceTable(items, texts, language)}
          chart={<PriceRanges items={items} />}
          none={items.length === 0 ? texts.report.noPrices : undefined}
        />
        <Figure
          title={texts.report.failures}
          hint={texts.report.failuresHint(failedTasks)}
          name="failures"
          table={barTable(failed, failedTasks, barHead)}
          chart={<Bars rows={failed} of={failedTasks} />}
          none={failed.length === 0 ? texts.report.noFailures : undefined}
        />
        <Figure
          wide
          title={texts.report.leaders}
          hint={texts.report.leadersHint}
          name="leaders"
          table={leaderTable(report, texts, language)}
          none={leaders.length === 0 ? texts.report.noPrices : undefined}
        />
        <div className={styles.column}>
          {days.length > 1 && (
            <Figure
              title={texts.report.days}
              hint={texts.report.daysHint}
              name="days"
              table={dayTable(days, texts, language)}
              chart={<DayChart days={days} />}
            />
          )}
          <Figure
            title={texts.report.answers}
            hint={texts.report.answersHint}
            name="answers"
            table={answerTable(answers, texts)}
            none={answers.length === 0 ? texts.report.noAnswers : undefined}
          />
        </div>
        <div className={styles.column}>
          <Figure
            title={texts.report.causes}
            hint={texts.report.causesHint}
            name="causes"
            table={causeTable(causes, ended, texts)}
            chart={<CauseChart causes={causes} />}
          />
          <Figure
            title={texts.report.handovers}
            hint={texts.report.handoversHint}
            name="handovers"
            table={barTable(handed, ended.n, barHead)}
            chart={<Bars rows={handed} of={ended.n} />}
            none={handed.length === 0 ? texts.report.noHandovers : undefined}
          />
          {fallen.length > 0 && (
            <Figure
              title={texts.report.fallthroughs}
              hint={texts.report.fallthroughsHint}
              name="fallthroughs"
              table={barTable(fallen, fallenTasks, barHead)}
              chart={<Bars rows={fallen} of={fallenTasks} />}
            />
          )}
          {report.sums.length > 0 && (
            <Figure
              title={texts.report.sums}
              hint={texts.report.sumsHint}
              name="sums"
              table={sumTable(report.sums, texts, language)}
            />
          )}
        </div>
      </div>
    </>
  )
}

function Empty({ report: { firstDay, lastDay } }: { report: DealReport }) {
  const texts = useTexts()
  const language = useLanguage()
  const [first, last] = [firstDay, lastDay].map((day) => dayOfMonth(day, language)) as [string, string]
  const days = firstDay === lastDay ? texts.report.on(first) : texts.report.between(first, last)
  return <EmptyState icon={GraphIcon} title={texts.report.empty(days)} hint={texts.report.emptyHint} />
}
