import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core'
import { ClockIcon } from '@primer/octicons-react'
import { useState } from 'react'

import { serverClock } from '@/connection/clock'
import type { Chat } from '@/contract/rows'
import { actorName } from '@/explain/explain'
import styles from '@/features/multichat/Snooze.module.css'
import { SNOOZES, snoozeUntil } from '@/features/multichat/snoozeTimes'
import { moment } from '@/i18n/time'
import { useMay } from '@/session/roles'
import { Refusal } from '@/ui/Refusal'
import { useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'
import { useWords } from '@/ui/useWords'

/** Puts the chat off, until a time or until the player writes. */
export function Snooze({ chat, active }: { chat: Chat; active: boolean }) {
  const { texts } = useWords()
  const may = useMay('SnoozeChat')
  const snooze = useCommand('SnoozeChat')
  const [opened, setOpened] = useState(false)
  const [at, setAt] = useState('')
  useUiEvent('snooze', () => active && may && setOpened(true))
  if (!may) return null
  const putOff = (until: number | null) =>
    void snooze.run({ chatId: chat.id, until }).then((outcome) => {
      if (outcome.ok) setOpened(false)
    })
  const chosen = at === '' ? undefined : new Date(at).getTime()
  return (
    <Menu position="bottom-end" opened={opened} onChange={setOpened} closeOnItemClick={false} trapFocus>
      <Menu.Target>
        <Tooltip label={`${texts.desk.snooze} (Z)`}>
          <ActionIcon variant="subtle" color="gray" aria-label={texts.desk.snooze}>
            <ClockIcon />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{texts.desk.snoozeTitle}</Menu.Label>
        {SNOOZES.map((name) => (
          <Menu.Item key={name} onClick={() => putOff(snoozeUntil(name, serverClock.now()))}>
            {texts.desk.until[name]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <form
          className={styles.at}
          onSubmit={(event) => {
            event.preventDefault()
            if (chosen !== undefined && !Number.isNaN(chosen)) putOff(chosen)
          }}
        >
          <input
            type="datetime-local"
            aria-label={texts.desk.at}
            value={at}
            onChange={(event) => setAt(event.currentTarget.value)}
            onKeyDown={(event) => event.stopPropagation()}
          />
          <Button type="submit" size="compact-sm" variant="default" disabled={chosen === undefined}>
            {texts.desk.set}
          </Button>
        </form>
        <Refusal message={snooze.refusal} />
      </Menu.Dropdown>
    </Menu>
  )
}

/** Who has put the chat off and until when, and the way back. */
export function Snoozed({ chat }: { chat: Chat }) {
  const { texts, now, language } = useWords()
  const may = useMay('UnsnoozeChat')
  const unsnooze = useCommand('UnsnoozeChat')
  const { snooze } = chat
  if (snooze === null) return null
  const who = actorName(snooze.by, texts)
  const when = snooze.until === null ? undefined : moment(snooze.until, now, language)
  const said =
    when === undefined
      ? texts.desk.snoozedOpen(who)
      : snooze.dueAt === null
        ? texts.desk.snoozed(who, when)
        : texts.desk.due(who, when)
  return (
    <div className={styles.snoozed} data-due={snooze.dueAt !== null || undefined} role="status">
      <ClockIcon size={14} />
      <span>{said}</span>
      {may && (
        <Button
          size="compact-xs"
          variant="default"
          loading={unsnooze.pending}
          onClick={() => void unsnooze.run({ chatId: chat.id })}
        >
          {texts.desk.takeUp}
        </Button>
      )}
      <Refusal message={unsnooze.refusal} />
    </div>
  )
}
