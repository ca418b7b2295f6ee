import { ActionIcon, Button, Popover } from '@mantine/core'
import { BellIcon, DownloadIcon } from '@primer/octicons-react'

import styles from '@/features/problems/Problems.module.css'
import type { Texts } from '@/i18n/en/texts'
import { exact, moment, precise } from '@/i18n/time'
import { useIdentity } from '@/session/identity'
import { type Problem, problemsSeen } from '@/store/slices/problems'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { useWords } from '@/ui/useWords'

/** What went wrong while nobody was waiting for it. */
export function Problems() {
  const { texts, language, now } = useWords()
  const dispatch = useAppDispatch()
  const { latest, seenSeq } = useAppSelector((state) => state.problems)
  const isAdmin = useIdentity()?.role === 'admin'
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
                  <strong>{sourceOf(problem, texts)}</strong>
                  <time title={exact(problem.ts, language)}>{moment(problem.ts, now, language)}</time>
                </span>
                <span>{messageOf(problem, texts)}</span>
                {'detail' in problem && problem.detail !== null && (
                  <span className={styles.detail} title={problem.detail}>
                    {problem.detail}
                  </span>
                )}
              </div>
            ))
          )}
        </div>
        {isAdmin && (
          <div className={styles.report}>
            <Button
              component="a"
              href="/api/diagnose"
              download
              size="xs"
              variant="default"
              title={texts.problems.reportHint}
              leftSection={<DownloadIcon size={14} />}
            >
              {texts.problems.report}
            </Button>
          </div>
        )}
      </Popover.Dropdown>
    </Popover>
  )
}

function sourceOf(problem: Problem, texts: Texts): string {
  if ('table' in problem) return texts.problems.page
  return 'byMs' in problem ? texts.problems.clock : problem.source
}

function messageOf(problem: Problem, texts: Texts): string {
  if ('table' in problem) return texts.problems.drifted(problem.table)
  if ('message' in problem) return problem.message
  const by = precise(Math.abs(problem.byMs), texts)
  return problem.byMs > 0 ? texts.problems.clockAhead(by) : texts.problems.clockBack(by)
}
