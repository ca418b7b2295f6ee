import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'

import { useCommand } from '@/commands/useCommand'
import { ITEM_LENGTH, OPEN_TASKS } from '@/contract/limits'
import type { Task } from '@/contract/rows'
import { actorName, botName, explainTask, priceRange, queuePlace } from '@/explain/explain'
import { exact, moment } from '@/i18n/time'
import { useAppDispatch, useAppSelector, useAppStore } from '@/store/store'
import { Ask } from '@/ui/Ask'
import card from '@/ui/Card.module.css'
import { Fact, Facts, Why } from '@/ui/Facts'
import { Status } from '@/ui/Status'
import { useWords } from '@/ui/useWords'
import { chatOpened } from '@/workspace/slice'

/** A task with all that is known of it, and what can be done about it. `inChat`: it stands beside its chat. */
export function TaskCard({ task, inChat = false }: { task: Task; inChat?: boolean }) {
  const words = useWords()
  const { texts, language, now } = words
  const store = useAppStore()
  const dispatch = useAppDispatch()
  const dispose = useCommand('DisposeTask')
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const bot = useAppSelector((state) =>
    task.assignedBotId === null ? undefined : state.replica.bots.get(task.assignedBotId),
  )
  const invite = useAppSelector((state) => state.replica.invites.get(task.id))
  const { tone, why, next } = explainTask(task, bot, words)
  const queue = invite?.status === 'queued' ? queuePlace(invite, store.getState().replica.invites) : undefined
  const open = OPEN_TASKS.includes(task.status)
  return (
    <section className={card.card} aria-label={texts.chat.task}>
      <div className={card.title}>
        <Status tone={tone}>{texts.taskStatus[task.status]}</Status>
        <h2>{task.item}</h2>
        <span className={card.price}>{priceRange(task)}</span>
      </div>
      <Why tone={tone} why={why} next={next} />
      <Facts>
        {task.agreedPrice !== null && (
          <Fact name={texts.task.agreed}>
            {task.agreedPrice} {task.currency}
          </Fact>
        )}
        {invite && (
          <Fact name={texts.task.invite}>
            {queue ? texts.task.queue(queue.place, queue.length) : texts.task.inviteStatus[invite.status]}
          </Fact>
        )}
        {!inChat && <Fact name={texts.task.player}>{task.playerSteamId64}</Fact>}
        <Fact name={texts.task.bot}>{bot ? botName(bot) : texts.task.noBot}</Fact>
        <Fact name={texts.task.since} title={exact(task.statusSince, language)}>
          {moment(task.statusSince, now, language)}
        </Fact>
        <Fact name={texts.task.created} title={exact(task.createdAt, language)}>
          {moment(task.createdAt, now, language)} {texts.task.createdBy(actorName(task.createdBy, texts))}
        </Fact>
      </Facts>
      <div className={card.actions}>
        {!inChat && task.chatId !== null && (
          <Button size="xs" onClick={() => task.chatId !== null && dispatch(chatOpened(task.chatId))}>
            {texts.task.openChat}
          </Button>
        )}
        {open && (
          <Button size="xs" variant="default" onClick={() => setAsking(true)}>
            {texts.task.dispose}
          </Button>
        )}
      </div>
      <Ask
        opened={asking}
        title={texts.task.disposeTitle}
        hint={texts.task.disposeHint}
        confirm={texts.task.dispose}
        cancel={texts.common.cancel}
        danger
        pending={dispose.pending}
        refusal={dispose.errorBeside('reason')}
        onConfirm={() =>
          void dispose
            .run({ taskId: task.id, reason: reason.trim() === '' ? null : reason.trim() })
            .then(({ ok }) => ok && setAsking(false))
        }
        onClose={() => setAsking(false)}
      >
        <TextInput
          label={texts.task.reason}
          value={reason}
          maxLength={ITEM_LENGTH}
          error={dispose.errorOf('reason')}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </Ask>
    </section>
  )
}
