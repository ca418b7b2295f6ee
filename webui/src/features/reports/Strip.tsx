import type { ReactNode } from 'react'

import type { Count, Funnel } from '@/contract/history'
import { type FunnelStage, funnelStages } from '@/features/reports/funnel'
import styles from '@/features/reports/Strip.module.css'
import { inDigits, inPercent } from '@/i18n/numbers'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import { AddressLink } from '@/ui/AddressLink'

interface Props {
  readonly funnel: Funnel
  /** Where the rows of a number stand. */
  readonly addressOf: (count: Count, of: string) => string
  /** What stands beside the first number, which has no stage before it. */
  readonly first: ReactNode
}

/** How far the tasks have got: a number, its share of the stage before, and a bar as its share of the first. */
export function Strip({ funnel, addressOf, first }: Props) {
  const texts = useTexts()
  const stages = funnelStages(funnel)
  return (
    <ul className={styles.strip}>
      {stages.map((stage) => (
        <li key={stage.name} className={styles.stage} title={texts.report.stageHint}>
          <span className={styles.name}>{texts.report.stages[stage.name]}</span>
          <Numbers stage={stage} first={first} href={addressOf(stage.count, texts.report.stages[stage.name])} />
          <Meter part={stage.count.n} whole={funnel.created.n} good={stage.name === 'traded'} />
        </li>
      ))}
    </ul>
  )
}

function Numbers({ stage, first, href }: { stage: FunnelStage; first: ReactNode; href: string }) {
  const language = useLanguage()
  const texts = useTexts()
  const { count, before, name } = stage
  return (
    <span className={styles.numbers}>
      <AddressLink to={href} aria-label={`${texts.report.stages[name]}: ${inDigits(count.n, language)}`}>
        {inDigits(count.n, language)}
      </AddressLink>
      <small>{before === undefined ? first : inPercent(count.n, before.n)}</small>
    </span>
  )
}

/** A bar that says nothing that does not stand beside it in digits. */
export function Meter({ part, whole, good = false }: { part: number; whole: number; good?: boolean }) {
  return (
    <svg
      className={styles.meter}
      data-good={good || undefined}
      aria-hidden
      preserveAspectRatio="none"
      viewBox="0 0 100 4"
    >
      <rect className={styles.ground} width={100} height={4} />
      <rect className={styles.bar} width={whole === 0 ? 0 : Math.min(100, (part / whole) * 100)} height={4} />
    </svg>
  )
}
