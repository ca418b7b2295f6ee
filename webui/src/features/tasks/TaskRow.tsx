import { memo } from 'react'

import type { Task } from '@/contract/rows'
import { botName, explainTask, priceRange } from '@/explain/explain'
import styles from '@/features/tasks/TaskRow.module.css'
import { exact, span } from '@/i18n/time'
import { taskChosen } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'
import place from '@/ui/ListPlace.module.css'
import { PlayerName } from '@/ui/PlayerName'
import { Dot } from '@/ui/Status'
import { useWords } from '@/ui/useWords'

export const TaskRow = memo(function TaskRow({ task, chosen }: { task: Task; chosen: boolean }) {
  const words = useWords()
  const { texts, language, now } = words
  const dispatch = useAppDispatch()
  const bot = useAppSelector((state) =>
    task.assignedBotId === null ? undefined : state.replica.bots.get(task.assignedBotId),
  )
  const { tone, why, next } = explainTask(task, bot, words)
  return (
    <button
      type="button"
      className={place.row}
      data-chosen={chosen || undefined}
      aria-current={chosen || undefined}
      onClick={() => dispatch(taskChosen(task.id))}
    >
      <span className={`${place.cell} ${place.strong} ${styles.item}`}>
        <Dot tone={tone} label={texts.taskStatus[task.status]} />
        <bdi>{task.item}</bdi>
      </span>
      <span className={`${place.number} ${styles.price}`}>
        {task.agreedPrice === null ? priceRange(task) : `${task.agreedPrice} ${task.currency}`}
      </span>
      <span className={`${place.cell} ${place.number} ${place.dim}`}>
        <PlayerName steamId64={task.playerSteamId64} />
      </span>
      <span className={`${place.cell} ${place.dim} ${place.wide}`}>{bot ? botName(bot) : '–'}</span>
      <span className={`${place.cell} ${place.dim} ${place.wide}`} title={[why, next].join(' ')}>
        {why}
      </span>
      <span
        className={`${place.cell} ${place.dim} ${place.number} ${styles.since}`}
        title={exact(task.statusSince, language)}
      >
        {span(now - task.statusSince, texts)}
      </span>
    </button>
  )
})
