/** The tables of a report that have no chart, or whose chart is made of the same rows. */
import { AgentIcon, PersonIcon } from '@primer/octicons-react'

import type { AnswerTimes, CauseFigures, Count, CurrencySum, DealReport, LeaderFigures } from '@/contract/history'
import type { Cell, FigureTable } from '@/features/reports/Figure'
import styles from '@/features/reports/tables.module.css'
import { lasting, whoName } from '@/features/reports/words'
import type { Texts } from '@/i18n/en/texts'
import { inDigits, inMoney, inPercent } from '@/i18n/numbers'
import type { Language } from '@/store/slices/workspace'
import { Avatar } from '@/ui/Avatar'

/** What has become of deals, as the server counts it beside most numbers. */
const OUTCOMES = ['traded', 'settled', 'reversed', 'fellThrough'] as const
type Outcome = (typeof OUTCOMES)[number]
type Outcomes<O extends Outcome = Outcome> = Readonly<Record<O, Count>>

/** A column for each that there was any of, and always for trades. */
export function outcomesIn(rows: readonly Outcomes[]): readonly Outcome[] {
  return OUTCOMES.filter((name) => name === 'traded' || rows.some((row) => row[name].n > 0))
}

function outcomeCells(row: Outcomes, names: readonly Outcome[], of: string, { report }: Texts): readonly Cell[] {
  return names.map((name) => ({ count: row[name], of: `${of}: ${report.stages[name]}` }))
}

export function leaderTable({ leaders, sums }: DealReport, texts: Texts, language: Language): FigureTable {
  const { report } = texts
  const only = sums.length === 1 ? sums[0]!.currency : undefined
  const outcomes = outcomesIn(leaders)
  const total = (of: (leader: LeaderFigures) => number) => leaders.reduce((sum, leader) => sum + of(leader), 0)
  const [talks, agreed] = [total((leader) => leader.talks.n), total((leader) => leader.agreed.n)]
  const rows = leaders.map((leader): readonly Cell[] => {
    const who = whoName(leader.who, texts)
    return [
      { node: <Who who={leader.who} name={who} /> },
      { count: leader.talks, of: `${who}: ${report.talks}` },
      { count: leader.agreed, of: `${who}: ${report.stages.agreed}` },
      inPercent(leader.agreed.n, leader.talks.n),
      ...outcomeCells(leader, outcomes, who, texts),
      leader.place == null ? '–' : { node: <Place place={leader.place} /> },
      lasting(leader.p50Ms, texts),
      lasting(leader.p90Ms, texts),
      sumsText(leader.sums, only, language),
    ]
  })
  const all = [
    report.all,
    inDigits(talks, language),
    inDigits(agreed, language),
    inPercent(agreed, talks),
    ...outcomes.map((name) =>
      inDigits(
        total((leader) => leader[name].n),
        language,
      ),
    ),
    '–',
    '–',
    '–',
    // of what ended without a talk there are sums as well, and those are no leader's
    sums.reduce((sum, one) => sum + one.agreed.n, 0) === agreed ? sumsText(sums, only, language) : '–',
  ]
  return {
    head: [
      report.leader,
      report.talks,
      report.stages.agreed,
      report.share,
      ...outcomes.map((name) => report.stages[name]),
      report.priceInRange,
      report.answersIn,
      report.ninetyIn,
      only === undefined ? report.agreedSum : report.agreedIn(only),
    ],
    rows: leaders.length > 1 ? [...rows, all] : rows,
  }
}

function sumsText(sums: readonly CurrencySum[], only: string | undefined, language: Language): string {
  if (sums.length === 0) return '–'
  return sums
    .map(({ sum, currency }) => (only === undefined ? `${inMoney(sum, language)} ${currency}` : inMoney(sum, language)))
    .join(', ')
}

export function Who({ who, name }: { who: string; name: string }) {
  return (
    <span className={styles.who}>
      {who.startsWith('agent:') ? (
        <span className={styles.agent}>
          <AgentIcon size={16} />
        </span>
      ) : who.startsWith('operator:') ? (
        <Avatar name={name} title={name} />
      ) : (
        <PersonIcon size={16} />
      )}
      <bdi>{name}</bdi>
    </span>
  )
}

/** A place in a range: a mark on a line, and the same in per cent. */
function Place({ place }: { place: number }) {
  const x = Math.min(1, Math.max(0, place)) * 96
  return (
    <span className={styles.place}>
      <svg width={96} height={12} aria-hidden>
        <rect y={4} width={96} height={4} rx={2} />
        <line x1={x} x2={x} y1={0} y2={12} />
      </svg>
      {inPercent(place, 1)}
    </span>
  )
}

export function sumTable(sums: readonly CurrencySum[], texts: Texts, language: Language): FigureTable {
  const { report } = texts
  const outcomes = outcomesIn(sums)
  const money = {
    traded: 'tradedSum',
    settled: 'settledSum',
    reversed: 'reversedSum',
    fellThrough: 'fellThroughSum',
  } as const
  return {
    head: [
      report.currency,
      report.stages.agreed,
      report.sum,
      ...outcomes.flatMap((name) => [report.stages[name], report.sumOf(report.stages[name])]),
    ],
    rows: sums.map((one): readonly Cell[] => [
      one.currency,
      { count: one.agreed, of: `${report.stages.agreed}, ${one.currency}` },
      inMoney(one.sum, language),
      ...outcomes.flatMap((name): readonly Cell[] => [
        { count: one[name], of: `${report.stages[name]}, ${one.currency}` },
        inMoney(one[money[name]], language),
      ]),
    ]),
  }
}

export function causeTable(causes: readonly CauseFigures[], ended: Count, texts: Texts): FigureTable {
  const { report } = texts
  const outcomes = outcomesIn(causes)
  return {
    head: [
      report.caused,
      report.ended,
      report.share,
      report.resolved,
      report.failedTasks,
      report.disposed,
      ...outcomes.map((name) => report.stages[name]),
    ],
    rows: causes.map((one): readonly Cell[] => {
      const name = causeName(one, texts)
      return [
        name,
        { count: one.ended, of: name },
        inPercent(one.ended.n, ended.n),
        { count: one.resolved, of: `${name}: ${report.resolved}` },
        { count: one.failed, of: `${name}: ${report.failedTasks}` },
        { count: one.disposed, of: `${name}: ${report.disposed}` },
        ...outcomeCells(one, outcomes, name, texts),
      ]
    }),
  }
}

export function causeName({ causedBy }: CauseFigures, texts: Texts): string {
  return texts.report.cause[causedBy] ?? causedBy
}

export function answerTable(answers: readonly AnswerTimes[], texts: Texts): FigureTable {
  const { report } = texts
  return {
    head: [report.who, report.answered, report.mean, report.half, report.ninety, report.ninetyNine],
    rows: answers.map((one) => {
      const name = whoName(one.who, texts)
      return [
        { node: <Who who={one.who} name={name} /> },
        { count: one.answers, of: `${name}: ${report.answers}` },
        ...[one.meanMs, one.p50Ms, one.p90Ms, one.p99Ms].map((ms) => lasting(ms, texts)),
      ]
    }),
  }
}
