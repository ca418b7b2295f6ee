import { Button, TextInput, Tooltip } from '@mantine/core'
import { PauseIcon, PlayIcon } from '@primer/octicons-react'
import { useState } from 'react'

import { HOUR, ITEM_LENGTH } from '@/contract/limits'
import { actorName } from '@/explain/explain'
import styles from '@/features/contact/ContactSwitch.module.css'
import { moment } from '@/i18n/time'
import { useMay } from '@/session/roles'
import { useAppSelector } from '@/store/store'
import { CommandButton } from '@/ui/CommandButton'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { Refusal } from '@/ui/Refusal'
import { useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'
import { useWords } from '@/ui/useWords'

/** The button that stops everything that goes out to players. */
export function ContactSwitch() {
  const { texts, now } = useWords()
  const contact = useAppSelector((state) => state.replica.contacts.get('contact'))
  const pause = useCommand('PauseContact')
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  useUiEvent('pauseContact', () => setAsking(true))
  const recent = contact?.invites.filter((ts) => ts > now - HOUR).length ?? 0
  const allowed = useMay('PauseContact')
  if (contact?.paused || !allowed) return null
  return (
    <>
      <Tooltip label={`${texts.contact.pauseHint} ${texts.contact.invitesLastHour(recent)}.`}>
        <Button
          className={styles.pause}
          size="compact-sm"
          variant="default"
          leftSection={<PauseIcon size={14} />}
          aria-label={texts.contact.pause}
          onClick={() => setAsking(true)}
        >
          <span className={styles.label}>{texts.contact.pause}</span>
        </Button>
      </Tooltip>
      <ConfirmDialog
        opened={asking}
        title={texts.contact.pause}
        hint={texts.contact.pauseHint}
        confirm={texts.contact.pause}
        cancel={texts.common.cancel}
        danger
        pending={pause.pending}
        refusal={pause.errorBeside('reason')}
        onConfirm={() =>
          void pause.run({ reason: reason.trim() === '' ? null : reason.trim() }).then(({ ok }) => {
            if (!ok) return
            setAsking(false)
            setReason('')
          })
        }
        onClose={() => setAsking(false)}
      >
        <TextInput
          label={texts.contact.reason}
          value={reason}
          maxLength={ITEM_LENGTH}
          error={pause.errorOf('reason')}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </ConfirmDialog>
    </>
  )
}

/** Stands across the page while nothing goes out. */
export function ContactPaused() {
  const { texts, language, now } = useWords()
  const contact = useAppSelector((state) => state.replica.contacts.get('contact'))
  const resume = useCommand('ResumeContact')
  useUiEvent('resumeContact', () => void resume.run({}))
  if (!contact?.paused) return null
  const who = contact.pausedBy === null ? texts.actor.system : actorName(contact.pausedBy, texts)
  const when = contact.pausedAt === null ? '' : moment(contact.pausedAt, now, language)
  return (
    <div className={styles.paused} role="status">
      <PauseIcon />
      <span>{texts.contact.pausedBy(who, when)}</span>
      <Refusal message={resume.refusal} />
      <CommandButton
        command="ResumeContact"
        size="compact-sm"
        variant="default"
        leftSection={<PlayIcon size={14} />}
        loading={resume.pending}
        onClick={() => void resume.run({})}
      >
        {texts.contact.resume}
      </CommandButton>
    </div>
  )
}
