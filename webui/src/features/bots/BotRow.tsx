import { memo } from 'react'

import type { Bot } from '@/contract/rows'
import { botName, explainBot } from '@/explain/explain'
import styles from '@/features/bots/BotRow.module.css'
import { exact, span } from '@/i18n/time'
import { botChosen } from '@/store/slices/workspace'
import { useAppDispatch } from '@/store/store'
import place from '@/ui/ListPlace.module.css'
import { Dot } from '@/ui/Status'
import { useWords } from '@/ui/useWords'

export const BotRow = memo(function BotRow({ bot, chosen }: { bot: Bot; chosen: boolean }) {
  const words = useWords()
  const { texts, language, now } = words
  const dispatch = useAppDispatch()
  const { tone, why, next } = explainBot(bot, words)
  return (
    <button
      type="button"
      className={place.row}
      data-chosen={chosen || undefined}
      aria-current={chosen || undefined}
      onClick={() => dispatch(botChosen(bot.id))}
    >
      <span className={`${place.cell} ${place.strong} ${styles.name}`}>
        <Dot tone={tone} label={texts.botStatus[bot.status]} />
        {botName(bot)}
      </span>
      <span className={`${place.cell} ${place.dim} ${place.number} ${place.wide}`}>{bot.steamId64}</span>
      <span className={`${place.cell} ${place.dim} ${place.wide}`}>{bot.proxyUrl}</span>
      <span
        className={`${place.cell} ${styles.why} ${tone === 'bad' ? place.bad : place.dim}`}
        title={[why, next].join(' ')}
      >
        {why} {next}
      </span>
      <span
        className={`${place.cell} ${place.dim} ${place.number} ${styles.since}`}
        title={exact(bot.statusSince, language)}
      >
        {span(now - bot.statusSince, texts)}
      </span>
    </button>
  )
})
