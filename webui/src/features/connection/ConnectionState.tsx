import { Button, Tooltip } from '@mantine/core'
import { useEffect, useState } from 'react'

import { reconnect } from '@/connection/follow'
import styles from '@/features/connection/ConnectionState.module.css'
import { clockTime } from '@/i18n/time'
import { useLanguage, useTexts } from '@/i18n/useTexts'
import { useAppSelector } from '@/store/store'

/** Whether what is shown is what is: live, catching up, or stale since when. */
export function ConnectionState() {
  const texts = useTexts()
  const language = useLanguage()
  const connection = useAppSelector((state) => state.connection)
  const stale = connection.phase === 'stale'
  const seconds = useSecondsUntil(stale ? connection.retryAt : undefined)
  return (
    <div className={styles.state} data-phase={connection.phase} role="status">
      <span className={styles.dot} aria-hidden />
      {connection.phase === 'live' && <span className={styles.live}>{texts.connection.live}</span>}
      {connection.phase === 'connecting' && texts.connection.connecting}
      {connection.phase === 'catchingUp' &&
        texts.connection.catchingUp(Math.round((100 * connection.part) / connection.parts))}
      {connection.phase === 'signedOut' && texts.connection.signedOut}
      {stale && (
        <>
          <Tooltip label={`${texts.connection.staleHint(seconds)} (${connection.why})`}>
            <span>{texts.connection.stale(clockTime(connection.since, language))}</span>
          </Tooltip>
          <Button size="compact-xs" variant="default" onClick={reconnect}>
            {texts.connection.retry}
          </Button>
        </>
      )}
    </div>
  )
}

function useSecondsUntil(moment: number | undefined): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (moment === undefined) return undefined
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [moment])
  return moment === undefined ? 0 : Math.max(0, Math.ceil((moment - now) / 1_000))
}
