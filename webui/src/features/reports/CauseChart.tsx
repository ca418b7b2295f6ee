import '@mantine/core/styles/ColorSwatch.css'
import '@mantine/charts/styles.css'

import { BarChart } from '@mantine/charts'

import type { CauseFigures } from '@/contract/history'
import { LEGEND } from '@/features/reports/DayChart'
import styles from '@/features/reports/DayChart.module.css'
import { causeName } from '@/features/reports/tables'
import { inDigits } from '@/i18n/numbers'
import { useLanguage, useTexts } from '@/i18n/useTexts'

/** Whose hands the tasks that ended were in, and what came of them. */
export function CauseChart({ causes }: { causes: readonly CauseFigures[] }) {
  const texts = useTexts()
  const language = useLanguage()
  const { resolved, failedTasks, disposed } = texts.report
  return (
    <div className={styles.days} aria-hidden>
      <BarChart
        h={180}
        orientation="vertical"
        type="stacked"
        data={causes.map((one) => ({
          cause: causeName(one, texts),
          resolved: one.resolved.n,
          failed: one.failed.n,
          disposed: one.disposed.n,
        }))}
        dataKey="cause"
        series={[
          { name: 'resolved', label: resolved, color: 'var(--sb-good)' },
          { name: 'failed', label: failedTasks, color: 'light-dark(#8b95a6, #6b7687)' },
          { name: 'disposed', label: disposed, color: 'light-dark(#c9d0db, #3f4a5a)' },
        ]}
        valueFormatter={(value) => inDigits(value, language)}
        withLegend
        legendProps={LEGEND}
        tickLine="none"
        gridAxis="y"
        gridColor="var(--sb-line)"
        maxBarWidth={20}
        xAxisProps={{ allowDecimals: false }}
        yAxisProps={{ width: 132 }}
        barProps={{ isAnimationActive: false }}
        accessibilityLayer={false}
      />
    </div>
  )
}
