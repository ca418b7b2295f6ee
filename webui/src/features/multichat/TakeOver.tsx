import { AgentIcon, PersonIcon } from '@primer/octicons-react'
import { useState } from 'react'

import type { Chat } from '@/contract/rows'
import { actorName, explainChat } from '@/explain/explain'
import { refusalText } from '@/explain/reasons'
import styles from '@/features/multichat/Header.module.css'
import { exact, span } from '@/i18n/time'
import { isPerson } from '@/session/actor'
import { useMe } from '@/session/identity'
import { useMay } from '@/session/roles'
import { useAppSelector } from '@/store/store'
import { CommandButton } from '@/ui/CommandButton'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { Refusal } from '@/ui/Refusal'
import { Status } from '@/ui/Status'
import { useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'
import { useWords } from '@/ui/useWords'

/** Who leads the chat, and the take-over and give-back buttons. Taking it from a colleague asks first and names them. */
export function TakeOver({ chat, active }: { chat: Chat; active: boolean }) {
  const words = useWords()
  const { texts, now, language } = words
  const me = useMe()
  const may = useMay('ToggleAgent')
  const toggle = useCommand('ToggleAgent')
  const [asking, setAsking] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const task = useAppSelector((state) => (chat.taskId === null ? undefined : state.replica.tasks.get(chat.taskId)))
  const { tone, why } = explainChat(chat, me, words)
  const open = chat.status === 'open'
  const colleague = isPerson(chat.owner) && chat.owner !== me ? chat.owner : undefined
  const name = colleague === undefined ? '' : actorName(colleague, texts)

  const run = async (enabled: boolean, takeFrom?: string) => {
    setRefusal(undefined)
    const outcome = await toggle.run({ chatId: chat.id, enabled, ...(takeFrom === undefined ? {} : { takeFrom }) })
    // whoever was a moment late is shown who has it now, and may go on from there
    if (outcome.ok) setAsking(false)
    else if (outcome.error.code === 'alreadyTaken') setAsking(true)
    else setRefusal(refusalText(outcome.error, texts))
  }
  const take = () => {
    if (!may || !open || toggle.pending || chat.owner === me) return
    if (colleague !== undefined) setAsking(true)
    else void run(false)
  }
  const giveBack = () => {
    if (!may || !open || toggle.pending || chat.agentEnabled) return
    if (colleague !== undefined) setRefusal(texts.lead.notYours(name))
    else void run(true)
  }
  useUiEvent('takeOver', () => active && take())
  useUiEvent('giveBack', () => active && giveBack())

  const taking = chat.agentEnabled || chat.owner !== me
  return (
    <>
      <div className={styles.lead}>
        <span className={styles.agent} data-tone={tone}>
          {chat.agentEnabled ? <AgentIcon size={16} /> : <PersonIcon size={16} />}
          <span title={[why, chat.agentOff?.detail].filter(Boolean).join('. ')}>{why}</span>
          {open && chat.agentOff !== null && (
            <time className={styles.since} title={exact(chat.agentOff.since, language)}>
              {span(now - chat.agentOff.since, texts)}
            </time>
          )}
        </span>
        {task && !open && (
          <Status tone={task.status === 'resolved' ? 'good' : 'idle'}>{texts.taskStatus[task.status]}</Status>
        )}
        <div className={styles.choice}>
          {open && taking && (
            <CommandButton
              command="ToggleAgent"
              size="compact-sm"
              variant={colleague === undefined ? 'filled' : 'default'}
              loading={toggle.pending}
              onClick={take}
            >
              {colleague === undefined ? texts.chat.takeOver : texts.lead.takeFrom(name)}
            </CommandButton>
          )}
          {open && !chat.agentEnabled && colleague === undefined && chat.taskId !== null && (
            <CommandButton
              command="ToggleAgent"
              size="compact-sm"
              variant="default"
              loading={toggle.pending && !taking}
              onClick={giveBack}
            >
              {texts.chat.giveBack}
            </CommandButton>
          )}
        </div>
      </div>
      <Refusal message={refusal} onClose={() => setRefusal(undefined)} closeLabel={texts.common.close} />
      <ConfirmDialog
        opened={asking && colleague !== undefined}
        title={texts.lead.takeFromTitle(name)}
        hint={texts.lead.takeFromHint(name)}
        confirm={texts.lead.takeFrom(name)}
        cancel={texts.common.cancel}
        pending={toggle.pending}
        refusal={toggle.refusal}
        onConfirm={() => void run(false, colleague)}
        onClose={() => {
          setAsking(false)
          toggle.clear()
        }}
      />
    </>
  )
}
