import { useMemo } from 'react'

import { Card } from '@/features/plugins/PanelCard'
import styles from '@/features/plugins/Panels.module.css'
import { usePanels } from '@/features/plugins/usePanels'
import { useTexts } from '@/i18n/useTexts'
import { useAppSelector } from '@/store/store'
import { Refusal } from '@/ui/Refusal'

/** What plugins show of their own: a card each, of those that run. */
export function PanelList() {
  const { panel: texts } = useTexts()
  const plugins = useAppSelector((state) => state.replica.plugins)
  // a plugin that was started, stopped or changed may show something else
  const edition = useMemo(
    () => [...plugins].map(({ name, status, since, code }) => [name, status, since, code].join()).join(' '),
    [plugins],
  )
  const { cards, failed, refresh } = usePanels(edition)
  return (
    <section className={styles.panels} aria-label={texts.title}>
      <p className={styles.head}>{texts.title}</p>
      <Refusal message={failed ? texts.failed : undefined} />
      {cards?.length === 0 && <p className={styles.none}>{texts.none}</p>}
      {cards !== undefined && cards.length > 0 && (
        <ul className={styles.list}>
          {cards.map((card) => (
            <li key={card.plugin}>
              <Card card={card} onDone={refresh} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
