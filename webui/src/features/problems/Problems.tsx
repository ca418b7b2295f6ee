import { ActionIcon, Popover } from '@mantine/core'
import { BellIcon } from '@primer/octicons-react'

import styles from '@/features/problems/Problems.module.css'
import { exact, moment } from '@/i18n/time'
import { problemsSeen } from '@/problems/slice'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { useWords } from '@/ui/useWords'

/** What went wrong while nobody was waiting for it. */
export function Problems() {
  const { texts, language, now } = useWords()
  const dispatch = useAppDispatch()
  const { latest, seenSeq } = useAppSelector((state) => state.problems)
  const unseen = latest.filter((problem) => problem.seq > seenSeq).length
  return (
    <Popover
      position="bottom-end"
      shadow="md"
      width={380}
      trapFocus
      onOpen={() => dispatch(problemsSeen(latest[0]?.seq ?? 0))}
    >
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          title={texts.problems.title}
          aria-label={`${texts.problems.title}: ${unseen}`}
          className={styles.bell}
        >
          <BellIcon />
          {unseen > 0 && <span className={styles.count}>{unseen > 9 ? '9+' : unseen}</span>}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <div className={styles.list} tabIndex={0}>
          {latest.length === 0 ? (
            <p className={styles.none}>{texts.problems.none}</p>
          ) : (
            latest.map((problem) => (
              <div key={problem.seq} className={styles.problem}>
                <span className={styles.where}>
                  <strong>{'table' in problem ? texts.problems.page : problem.source}</strong>
                  <time title={exact(problem.ts, language)}>{moment(problem.ts, now, language)}</time>
                </span>
                <span>{'table' in problem ? texts.problems.drifted(problem.table) : problem.message}</span>
                {'detail' in problem && problem.detail !== null && (
                  <span className={styles.detail} title={problem.detail}>
                    {problem.detail}
                  </span>
                )}
              </div>
            ))
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}
