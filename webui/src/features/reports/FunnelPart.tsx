import { Button } from '@mantine/core'
import { Fragment, use } from 'react'

import type { Count, DealReport } from '@/contract/history'
import { CountLink, type FigureTable, Links } from '@/features/reports/Figure'
import { BESIDE, funnelStages, stillToTrade } from '@/features/reports/funnel'
import styles from '@/features/reports/Reports.module.css'
import { Strip } from '@/features/reports/Strip'
import { lasting } from '@/features/reports/words'
import type { Texts } from '@/i18n/en/texts'
import { inMoney, inPercent } from '@/i18n/numbers'
import { useLanguage, useTexts } from '@/i18n/useTexts'

interface FunnelProps {
  readonly report: DealReport
  readonly asTable: boolean
  readonly onTable: () => void
}

/** How far the tasks of these days have got, and the sums and waits of these days in one line. */
export function FunnelPart({ report: told, asTable, onTable }: FunnelProps) {
  const texts = useTexts()
  const language = useLanguage()
  const { report } = texts
  const { funnel, before, sums, answers, unanswered, unheard } = told
  const { addressOf } = use(Links)
  const players = answers.find(({ who }) => who === 'player')
  const some = (['settled', 'reversed', 'fellThrough'] as const).filter((name) => funnel[name].n > 0)
  const numbers: readonly (readonly [string, Count])[] = [
    [report.toTrade, stillToTrade(funnel)],
    ...some.map((name) => [report.stages[name], funnel[name]] as const),
    [report.stages.open, funnel.open],
    [report.unanswered, unanswered],
    [report.unheard, unheard],
  ]
  return (
    <div className={styles.funnel}>
      <Strip funnel={funnel} addressOf={addressOf} first={growth(funnel.created.n, before)} />
      <p className={styles.line}>
        {sums.map(({ currency, sum, traded, tradedSum }) => (
          <Fragment key={currency}>
            <span>
              {report.stages.agreed}{' '}
              <b>
                {inMoney(sum, language)} {currency}
              </b>
            </span>
            {traded.n > 0 && (
              <span>
                {report.stages.traded}{' '}
                <b className={styles.good}>
                  {inMoney(tradedSum, language)} {currency}
                </b>
              </span>
            )}
          </Fragment>
        ))}
        {numbers.map(([name, count]) => (
          <span key={name}>
            {name} <CountLink count={count} of={name} />
          </span>
        ))}
        {players && (
          <span>
            {report.playersAnswer} <b>{lasting(players.p50Ms, texts)}</b>
          </span>
        )}
        <Button size="compact-xs" variant="subtle" aria-pressed={asTable} onClick={onTable}>
          {asTable ? report.asChart : report.asTable}
        </Button>
      </p>
    </div>
  )
}

/** `+8 %` against as many days before; nothing where there was nothing to compare with. */
export function growth(created: number, before: number): string {
  if (before === 0) return ''
  const percent = Math.round(((created - before) / before) * 100)
  return `${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${Math.abs(percent)} %`
}

export function funnelTable({ funnel }: DealReport, texts: Texts): FigureTable {
  const { report } = texts
  const stages = funnelStages(funnel).map(({ name, count, before }) => [
    report.stages[name],
    { count, of: report.stages[name] },
    before === undefined ? '–' : inPercent(count.n, before.n),
    inPercent(count.n, funnel.created.n),
  ])
  const beside = BESIDE.map((name) => [
    report.stages[name],
    { count: funnel[name], of: report.stages[name] },
    '–',
    inPercent(funnel[name].n, funnel.created.n),
  ])
  return { head: [report.stage, report.tasks, report.ofBefore, report.ofCreated], rows: [...stages, ...beside] }
}
