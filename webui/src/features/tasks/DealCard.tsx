import { Button, Kbd, Menu, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { flushSync } from 'react-dom'

import { FAILURE_REASONS, FALL_THROUGH_REASONS, type FailureReason } from '@/contract/enums'
import { DEAL_NOTE_LENGTH } from '@/contract/limits'
import type { Chat, Task } from '@/contract/rows'
import { actorName } from '@/explain/explain'
import { lastSaidPrice } from '@/explain/prices'
import styles from '@/features/tasks/DealCard.module.css'
import { isOutside, mayUndo } from '@/features/tasks/deal'
import { exact, moment } from '@/i18n/time'
import { useMay } from '@/session/roles'
import { useAppSelector } from '@/store/store'
import { CommandButton } from '@/ui/CommandButton'
import { Fact, Facts } from '@/ui/Facts'
import { Refusal } from '@/ui/Refusal'
import { useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'
import { useWords } from '@/ui/useWords'

/** What a person records about how a talk came out: the price, the trade, and that it was a mistake. */
export function DealCard({ task }: { task: Task }) {
  const chat = useAppSelector(({ replica }) => (task.chatId === null ? undefined : replica.chats.get(task.chatId)))
  if (task.status === 'accepted') return <Talking key={task.id} task={task} chat={chat} />
  return (
    <>
      {task.status === 'resolved' && <Agreed key={`${task.id} ${task.deal?.stage ?? ''}`} task={task} />}
      <Undo task={task} />
    </>
  )
}

/** The price that was agreed, or why none was. */
function Talking({ task, chat }: { task: Task; chat: Chat | undefined }) {
  const { texts } = useWords()
  const mayFail = useMay('FailTask')
  const resolve = useCommand('ResolveTask')
  const fail = useCommand('FailTask')
  const said = chat && lastSaidPrice(chat.messages, task)
  const [typed, setTyped] = useState<string>()
  const [failing, setFailing] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const reasons = useRef<HTMLDivElement>(null)
  useUiEvent('deal', () => {
    field.current?.focus()
    field.current?.select()
  })
  useUiEvent('fail', () => {
    if (!mayFail) return
    flushSync(() => setFailing(true))
    reasons.current?.querySelector('button')?.focus()
  })
  const failFor = (reason: FailureReason) => void fail.run({ taskId: task.id, reason })
  const price = (typed ?? said ?? '').trim().replace(',', '.')
  const outside = isOutside(price, task)
  const ready = /^\d{1,9}(?:\.\d{1,8})?$/.test(price)
  return (
    <form
      className={styles.deal}
      aria-label={texts.deal.title}
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) void resolve.run({ taskId: task.id, agreedPrice: price, outsideRange: outside })
      }}
    >
      <TextInput
        ref={field}
        data-autofocus
        label={texts.deal.price}
        description={
          outside ? texts.deal.outside : typed === undefined && said !== undefined ? texts.deal.said : undefined
        }
        value={typed ?? said ?? ''}
        inputMode="decimal"
        autoComplete="off"
        size="xs"
        data-outside={outside || undefined}
        error={resolve.errorOf('agreedPrice')}
        rightSection={task.currency}
        rightSectionWidth={48}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <div className={styles.deeds}>
        <CommandButton
          command="ResolveTask"
          size="xs"
          type="submit"
          loading={resolve.pending}
          disabled={!ready}
          rightSection={<Kbd size="xs">D</Kbd>}
        >
          {outside ? texts.deal.anyway : texts.deal.deal}
        </CommandButton>
        <CommandButton
          command="FailTask"
          size="xs"
          variant="default"
          loading={fail.pending}
          aria-expanded={failing}
          rightSection={<Kbd size="xs">F</Kbd>}
          onClick={() => setFailing(!failing)}
        >
          {texts.deal.fail}
        </CommandButton>
      </div>
      {failing && (
        <div
          ref={reasons}
          className={styles.reasons}
          role="group"
          aria-label={texts.deal.fail}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setFailing(false)
            const reason = FAILURE_REASONS[Number(/^Digit(\d)$/.exec(event.code)?.[1] ?? 0) - 1]
            if (reason !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) failFor(reason)
            // a digit would lead to another place, were it left to the page
            if (event.key === 'Escape' || reason !== undefined) event.preventDefault()
          }}
        >
          {FAILURE_REASONS.map((reason, index) => (
            <Button
              key={reason}
              size="compact-xs"
              variant="default"
              leftSection={<Kbd size="xs">{index + 1}</Kbd>}
              onClick={() => failFor(reason)}
            >
              {texts.deal.failures[reason]}
            </Button>
          ))}
        </div>
      )}
      <Refusal message={resolve.errorBeside('agreedPrice') ?? fail.refusal} />
    </form>
  )
}

/** What became of an agreed price. */
function Agreed({ task }: { task: Task }) {
  const { texts, language, now } = useWords()
  const trade = useCommand('RecordTrade')
  const fallThrough = useCommand('RecordFallThrough')
  const reverse = useCommand('RecordReversal')
  const [offer, setOffer] = useState('')
  const offered = useRef<HTMLInputElement>(null)
  useUiEvent('traded', () => offered.current?.focus())
  const [why, setWhy] = useState<string>()
  const { deal } = task
  if (deal === null)
    return (
      <form
        className={styles.deal}
        aria-label={texts.deal.toTrade}
        onSubmit={(event) => {
          event.preventDefault()
          void trade.run({ taskId: task.id, offer: offer.trim() === '' ? null : offer.trim() })
        }}
      >
        <TextInput
          ref={offered}
          data-autofocus
          label={texts.deal.offer}
          placeholder="https://steamcommunity.com/tradeoffer/…"
          value={offer}
          size="xs"
          autoComplete="off"
          error={trade.errorOf('offer')}
          onChange={(event) => setOffer(event.currentTarget.value)}
        />
        <div className={styles.deeds}>
          <CommandButton
            command="RecordTrade"
            size="xs"
            type="submit"
            loading={trade.pending}
            rightSection={<Kbd size="xs">⇧D</Kbd>}
          >
            {texts.deal.traded}
          </CommandButton>
          <Menu position="bottom-end">
            <Menu.Target>
              <CommandButton command="RecordFallThrough" size="xs" variant="default" loading={fallThrough.pending}>
                {texts.deal.fellThrough}
              </CommandButton>
            </Menu.Target>
            <Menu.Dropdown>
              {FALL_THROUGH_REASONS.map((reason) => (
                <Menu.Item key={reason} onClick={() => void fallThrough.run({ taskId: task.id, reason })}>
                  {texts.deal.fallsThrough[reason]}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </div>
        <Refusal message={trade.errorBeside('offer') ?? fallThrough.refusal} />
      </form>
    )
  const until = deal.stage === 'traded' ? deal.reversibleUntil : null
  return (
    <div className={styles.deal}>
      <Facts>
        <Fact name={texts.deal.stage[deal.stage]} title={exact(deal.since, language)}>
          {moment(deal.since, now, language)} {texts.task.createdBy(actorName(deal.by, texts))}
        </Fact>
        {until !== null && (
          <Fact name={texts.deal.reversible} title={exact(until, language)}>
            {moment(until, now, language)}
          </Fact>
        )}
        {deal.offerId !== null && (
          <Fact name={texts.deal.offerNumber}>
            <a href={`https://steamcommunity.com/tradeoffer/${deal.offerId}/`} target="_blank" rel="noreferrer">
              {deal.offerId}
            </a>
          </Fact>
        )}
        {deal.note !== null && (
          <Fact name={texts.deal.note}>
            <bdi>{deal.note}</bdi>
          </Fact>
        )}
      </Facts>
      {(deal.stage === 'traded' || deal.stage === 'settled') && (
        <form
          className={styles.deeds}
          onSubmit={(event) => {
            event.preventDefault()
            if (why?.trim()) void reverse.run({ taskId: task.id, note: why.trim() })
          }}
        >
          {why === undefined ? (
            <CommandButton command="RecordReversal" size="xs" variant="subtle" color="red" onClick={() => setWhy('')}>
              {texts.deal.reversed}
            </CommandButton>
          ) : (
            <>
              <TextInput
                aria-label={texts.deal.whyReversed}
                placeholder={texts.deal.whyReversed}
                value={why}
                size="xs"
                maxLength={DEAL_NOTE_LENGTH}
                data-autofocus
                onChange={(event) => setWhy(event.currentTarget.value)}
              />
              <Button size="xs" color="red" type="submit" disabled={!why.trim()} loading={reverse.pending}>
                {texts.deal.reversed}
              </Button>
            </>
          )}
        </form>
      )}
      <Refusal message={reverse.refusal} />
    </div>
  )
}

/** For a minute, what a person has recorded last can be taken back. */
function Undo({ task }: { task: Task }) {
  const { texts, now } = useWords()
  const undo = useCommand('UndoOutcome')
  const possible = mayUndo(task, now)
  useUiEvent('undo', () => possible && !undo.pending && void undo.run({ taskId: task.id }))
  if (!possible) return null
  return (
    <div className={styles.deeds}>
      <CommandButton
        command="UndoOutcome"
        size="xs"
        variant="subtle"
        loading={undo.pending}
        rightSection={<Kbd size="xs">Ctrl Z</Kbd>}
        onClick={() => void undo.run({ taskId: task.id })}
      >
        {texts.deal.undo}
      </CommandButton>
      <Refusal message={undo.refusal} />
    </div>
  )
}
