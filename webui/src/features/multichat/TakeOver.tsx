import { AgentIcon, PersonIcon } from '@primer/octicons-react'
import { useState } from 'react'

import type { Chat } from '@/contract/rows'
import { actorName, explainChat } from '@/explain/explain'
import { refusalText } from '@/explain/reasons'
import styles from '@/features/multichat/Header.module.css'
import { useClaim } from '@/features/multichat/useClaim'
import { taskIn } from '@/history/useOpenChat'
import { exact, span } from '@/i18n/time'
import { isPerson } from '@/session/actor'
import { useMe } from '@/session/identity'
import { useMay } from '@/session/roles'
import { claimChanged } from '@/store/slices/claims'
import { useAppSelector, useAppStore } from '@/store/store'
import { CommandButton } from '@/ui/CommandButton'
import { Refusal } from '@/ui/Refusal'
import { Status } from '@/ui/Status'
import { useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'
import { useWords } from '@/ui/useWords'

/** Who leads the chat, and the take-over and give-back buttons. Whose it is where a colleague has it, `ClaimBanner` says. */
export function TakeOver({ chat, active }: { chat: Chat; active: boolean }) {
  const words = useWords()
  const { texts, now, language } = words
  const me = useMe()
  const may = useMay('ToggleAgent')
  const store = useAppStore()
  const toggle = useCommand('ToggleAgent')
  const { claim, take, refusal: notTaken, clear } = useClaim(chat)
  const [notGiven, setNotGiven] = useState<string>()
  const task = useAppSelector((state) => taskIn(state, chat))
  const { tone, why } = explainChat(chat, me, words)
  const open = chat.status === 'open'
  const colleague = isPerson(chat.owner) && chat.owner !== me ? chat.owner : undefined
  const name = colleague === undefined ? '' : actorName(colleague, texts)

  const pending = toggle.pending || claim?.state === 'asked'
  const takeOver = () => {
    if (!may || !open || pending || chat.owner === me) return
    if (colleague === undefined) void take()
    // no dialog under typing hands: a banner says whose it is, and the composer keeps what is typed
    else store.dispatch(claimChanged({ chatId: chat.id, state: claim?.state ?? 'theirs', at: now, epoch: chat.epoch }))
  }
  const giveBack = async () => {
    if (!may || !open || pending || chat.agentEnabled) return
    if (colleague !== undefined) {
      setNotGiven(texts.lead.notYours(name))
      return
    }
    setNotGiven(undefined)
    const outcome = await toggle.run({ chatId: chat.id, enabled: true })
    if (!outcome.ok) setNotGiven(refusalText(outcome.error, texts))
  }
  const refusal = notTaken ?? notGiven
  useUiEvent('takeOver', () => active && takeOver())
  useUiEvent('giveBack', () => active && void giveBack())

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
              loading={claim?.state === 'asked'}
              onClick={takeOver}
            >
              {colleague === undefined ? texts.chat.takeOver : texts.lead.takeFrom(name)}
            </CommandButton>
          )}
          {open && !chat.agentEnabled && colleague === undefined && chat.taskId !== null && (
            <CommandButton
              command="ToggleAgent"
              size="compact-sm"
              variant="default"
              loading={toggle.pending}
              onClick={() => void giveBack()}
            >
              {texts.chat.giveBack}
            </CommandButton>
          )}
        </div>
      </div>
      <Refusal
        message={refusal}
        onClose={() => {
          clear()
          setNotGiven(undefined)
        }}
        closeLabel={texts.common.close}
      />
    </>
  )
}
