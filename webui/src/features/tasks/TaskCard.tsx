import { Button } from '@mantine/core'

import { OPEN_TASKS } from '@/contract/limits'
import type { Task } from '@/contract/rows'
import { actorName, botName, explainTask, priceRange, queuePlace } from '@/explain/explain'
import { mayAllowInvite } from '@/explain/inviteDoubt'
import { DealCard } from '@/features/tasks/DealCard'
import { exact, moment } from '@/i18n/time'
import { chatOpened } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector, useAppStore } from '@/store/store'
import card from '@/ui/Card.module.css'
import { CommandButton } from '@/ui/CommandButton'
import { Fact, Facts, Why } from '@/ui/Facts'
import { PlayerName } from '@/ui/PlayerName'
import { Status } from '@/ui/Status'
import { SteamProfile } from '@/ui/SteamProfile'
import { emit } from '@/ui/uiEvents'
import { useWords } from '@/ui/useWords'

interface Props {
  readonly task: Task
  /** It stands beside its chat. */
  readonly inChat?: boolean
  /** It has left the live state: nothing can be done about it any more. */
  readonly past?: boolean
}

/** The details of a task, and the commands for it. */
export function TaskCard({ task, inChat = false, past = false }: Props) {
  const words = useWords()
  const { texts, language, now } = words
  const store = useAppStore()
  const dispatch = useAppDispatch()
  const bot = useAppSelector((state) =>
    task.assignedBotId === null ? undefined : state.replica.bots.get(task.assignedBotId),
  )
  const invite = useAppSelector((state) => state.replica.invites.get(task.id))
  const { tone, why, next, said } = explainTask(task, bot, words)
  const queue = invite?.status === 'queued' ? queuePlace(invite, store.getState().replica.invites) : undefined
  const open = OPEN_TASKS.includes(task.status)
  const doubtful = useAppSelector(({ replica }) => !open && mayAllowInvite(task.playerSteamId64, replica))
  return (
    <section className={card.card} aria-label={texts.chat.task}>
      <div className={card.title}>
        <Status tone={tone}>{texts.taskStatus[task.status]}</Status>
        <h2>
          <bdi>{task.item}</bdi>
        </h2>
        <span className={card.price}>{priceRange(task)}</span>
      </div>
      <Why tone={tone} why={why} next={next} said={said} />
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
        {!inChat && (
          <Fact name={texts.task.player}>
            <PlayerName steamId64={task.playerSteamId64} />
          </Fact>
        )}
        {!inChat && (
          <Fact name={texts.player.steamId}>
            <SteamProfile steamId64={task.playerSteamId64} />
          </Fact>
        )}
        <Fact name={texts.task.bot}>{bot ? botName(bot) : texts.task.noBot}</Fact>
        <Fact name={texts.task.since} title={exact(task.statusSince, language)}>
          {moment(task.statusSince, now, language)}
        </Fact>
        {open && task.reasonSince !== null && (
          <Fact name={texts.task.reasonSince} title={exact(task.reasonSince, language)}>
            {moment(task.reasonSince, now, language)}
          </Fact>
        )}
        <Fact name={texts.task.created} title={exact(task.createdAt, language)}>
          {moment(task.createdAt, now, language)} {texts.task.createdBy(actorName(task.createdBy, texts))}
        </Fact>
      </Facts>
      {!past && <DealCard task={task} />}
      <div className={card.actions}>
        {!inChat && task.chatId !== null && (
          <Button size="xs" onClick={() => task.chatId !== null && dispatch(chatOpened(task.chatId))}>
            {texts.task.openChat}
          </Button>
        )}
        {!inChat && !past && doubtful && (
          <CommandButton command="AllowInvite" size="xs" onClick={() => emit('allowInvite', task.playerSteamId64)}>
            {texts.player.allowInvite}
          </CommandButton>
        )}
        {open && !past && (
          <CommandButton command="DisposeTask" size="xs" variant="default" onClick={() => emit('disposeTask', task.id)}>
            {texts.task.dispose}
          </CommandButton>
        )}
      </div>
    </section>
  )
}
