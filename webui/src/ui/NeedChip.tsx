import {
  AgentIcon,
  AlertIcon,
  BellIcon,
  CheckCircleIcon,
  ClockIcon,
  HistoryIcon,
  MentionIcon,
  PersonAddIcon,
  QuestionIcon,
} from '@primer/octicons-react'

import { exact, span } from '@/i18n/time'
import type { Need, NeedKind } from '@/queue/needs'
import { waitLimitMs } from '@/store/slices/workspace'
import { useAppSelector } from '@/store/store'
import styles from '@/ui/NeedChip.module.css'
import { useWords } from '@/ui/useWords'

const ICONS = {
  notSent: AlertIcon,
  inDoubt: QuestionIcon,
  reversed: HistoryIcon,
  agentOff: AgentIcon,
  assigned: PersonAddIcon,
  named: MentionIcon,
  waits: ClockIcon,
  snoozeDue: BellIcon,
  trade: CheckCircleIcon,
} satisfies Readonly<Record<NeedKind, unknown>>

const TONES = {
  notSent: 'bad',
  inDoubt: 'bad',
  reversed: 'bad',
  agentOff: 'wait',
  assigned: 'wait',
  named: 'wait',
  waits: 'wait',
  snoozeDue: 'wait',
  trade: 'good',
} satisfies Readonly<Record<NeedKind, string>>

/** Why a chat needs a person, in an icon and a word or two; the whole sentence and since when in its title. */
export function NeedChip({ need }: { need: Need }) {
  const { texts, now, language } = useWords()
  const limit = useAppSelector((state) => waitLimitMs(state.workspace))
  const Icon = ICONS[need.kind]
  const waited = Math.max(0, now - need.since)
  const over = need.kind === 'waits' && waited >= limit
  return (
    <span
      className={styles.chip}
      data-tone={over ? 'bad' : TONES[need.kind]}
      data-need={need.kind}
      title={`${texts.queue.why[need.kind]} ${exact(need.since, language)}`}
    >
      <Icon size={12} />
      {texts.queue.chip[need.kind](span(waited, texts))}
    </span>
  )
}
