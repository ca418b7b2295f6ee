import '@mantine/core/styles/ColorSwatch.css'
import '@mantine/charts/styles.css'

import { BarChart } from '@mantine/charts'

import type { DayFigures } from '@/contract/history'
import type { FigureTable } from '@/features/reports/Figure'
import styles from '@/features/reports/DayChart.module.css'
import type { Texts } from '@/i18n/en/texts'
import { inDigits } from '@/i18n/numbers'
import { dayOfMonth } from '@/i18n/time'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import type { Language } from '@/store/slices/workspace'

/** In the order of the bars. */
export const LEGEND = { verticalAlign: 'top', height: 32, itemSorter: null } as const

/** What was created, agreed, traded and failed on each day. */
export function DayChart({ days }: { days: readonly DayFigures[] }) {
  const texts = useTexts()
  const language = useLanguage()
  const year = days[0]?.day.slice(0, 4)
  const { stages, failedTasks } = texts.report
  return (
    <div className={styles.days} aria-hidden>
      <BarChart
        h={220}
        data={days.map(({ day, created, agreed, traded, failed }) => ({
          day: dayOfMonth(day, language, year),
          created: created.n,
          agreed: agreed.n,
          traded: traded.n,
          failed: failed.n,
        }))}
        dataKey="day"
        series={[
          { name: 'created', label: stages.created, color: 'var(--sb-accent-fill)' },
          { name: 'agreed', label: stages.agreed, color: 'light-dark(#7cc4a3, #2f6b52)' },
          { name: 'traded', label: stages.traded, color: 'var(--sb-good)' },
          { name: 'failed', label: failedTasks, color: 'light-dark(#8b95a6, #6b7687)' },
        ]}
        valueFormatter={(value) => inDigits(value, language)}
        withLegend
        legendProps={LEGEND}
        tickLine="none"
        gridAxis="x"
        gridColor="var(--sb-line)"
        maxBarWidth={28}
        yAxisProps={{ width: 36, allowDecimals: false }}
        barProps={{ radius: 2, isAnimationActive: false }}
        // the table behind it is what can be walked through by keys
        accessibilityLayer={false}
      />
    </div>
  )
}

export function dayTable(days: readonly DayFigures[], texts: Texts, language: Language): FigureTable {
  const { report } = texts
  return {
    head: [report.day, report.stages.created, report.stages.agreed, report.stages.traded, report.failedTasks],
    rows: days.map(({ day, created, agreed, traded, failed }) => {
      const name = dayOfMonth(day, language)
      return [
        name,
        { count: created, of: `${report.stages.created}, ${name}` },
        { count: agreed, of: `${report.stages.agreed}, ${name}` },
        { count: traded, of: `${report.stages.traded}, ${name}` },
        { count: failed, of: `${report.failedTasks}, ${name}` },
      ]
    }),
  }
}
