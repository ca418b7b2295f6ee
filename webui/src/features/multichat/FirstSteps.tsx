import { CheckCircleFillIcon, CircleIcon } from '@primer/octicons-react'

import styles from '@/features/multichat/FirstSteps.module.css'
import { useTexts } from '@/i18n/useTexts'
import { useAppSelector } from '@/store/store'
import { CommandButton } from '@/ui/CommandButton'
import { emit } from '@/ui/uiEvents'

/** What leads to a first chat, step by step: what is done already, and a button for what is next. */
export function FirstSteps() {
  const texts = useTexts()
  const bots = useAppSelector((state) => state.replica.bots.size > 0)
  const tasks = useAppSelector((state) => state.replica.tasks.size > 0)
  return (
    <div className={styles.steps}>
      <h2>{texts.empty.firstSteps}</h2>
      <ol>
        <Step done={bots} text={texts.empty.steps.bots} />
        <Step done={tasks} text={texts.empty.steps.task} />
        <Step done={false} text={texts.empty.steps.chat} />
      </ol>
      {!bots ? (
        <CommandButton command="AddBotFromMaFile" onClick={() => emit('addBots')}>
          {texts.bot.add}
        </CommandButton>
      ) : (
        !tasks && (
          <CommandButton command="CreateTask" onClick={() => emit('newTask')}>
            {texts.task.new}
          </CommandButton>
        )
      )}
    </div>
  )
}

function Step({ done, text }: { done: boolean; text: string }) {
  return (
    <li data-done={done || undefined}>
      {done ? <CheckCircleFillIcon /> : <CircleIcon />}
      <span>{text}</span>
    </li>
  )
}
