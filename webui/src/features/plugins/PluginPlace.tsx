import { useMemo } from 'react'

import type { PluginStatus } from '@/contract/enums'
import { PanelList } from '@/features/plugins/PanelList'
import { PluginCard } from '@/features/plugins/PluginCard'
import styles from '@/features/plugins/PluginPlace.module.css'
import { useTexts } from '@/i18n/useTexts'
import { useAppSelector } from '@/store/store'

const ORDER: Readonly<Record<PluginStatus, number>> = { quarantined: 0, running: 1, stopped: 2 }

/** What plugins show of their own, and all that are installed, those with a problem first. */
export function PluginPlace() {
  const texts = useTexts()
  const table = useAppSelector((state) => state.replica.plugins)
  const plugins = useMemo(
    () => [...table].sort((a, b) => ORDER[a.status] - ORDER[b.status] || a.name.localeCompare(b.name)),
    [table],
  )
  return (
    <section className={styles.place} aria-label={texts.places.plugins}>
      <PanelList />
      <ul className={styles.list}>
        {plugins.map((plugin) => (
          <li key={plugin.name}>
            <PluginCard plugin={plugin} />
          </li>
        ))}
      </ul>
    </section>
  )
}
