import { Button } from '@mantine/core'
import { XIcon } from '@primer/octicons-react'
import { useEffect, useState } from 'react'

import type { Chat } from '@/contract/rows'
import { actorName } from '@/explain/explain'
import styles from '@/features/multichat/ClaimBanner.module.css'
import { useClaim } from '@/features/multichat/useClaim'
import { precise } from '@/i18n/time'
import { isPerson } from '@/session/actor'
import { useMe } from '@/session/identity'
import { claimEnded } from '@/store/slices/claims'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { Avatar } from '@/ui/Avatar'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { emit } from '@/ui/uiEvents'
import { useWords } from '@/ui/useWords'

/**
 * A colleague has the chat that this operator asked for. It stands in the flow and takes no focus: the hands may be
 * typing. What they type is kept, and sent to nobody until they have decided.
 */
export function ClaimBanner({ chat }: { chat: Chat }) {
  const { texts } = useWords()
  const me = useMe()
  const dispatch = useAppDispatch()
  const [asking, setAsking] = useState(false)
  const { claim, take, refusal, clear } = useClaim(chat)
  const typed = useAppSelector((state) => (state.workspace.drafts[chat.id] ?? '').trim() !== '')
  const colleague = isPerson(chat.owner) && chat.owner !== me ? chat.owner : undefined
  const goneOn = chat.owner === me || chat.status === 'closed' || chat.epoch > (claim?.epoch ?? 0)
  const over = claim !== undefined && claim.state !== 'asked' && goneOn
  useEffect(() => {
    if (over) dispatch(claimEnded(chat.id))
  }, [over, chat.id, dispatch])

  if (claim === undefined || claim.state === 'asked' || colleague === undefined) return null
  const name = actorName(colleague, texts)
  const earlier = chat.agentOff === null ? 0 : claim.at - chat.agentOff.since
  const first = texts.lead.tookFirst(name, earlier >= 1_000 ? precise(earlier, texts) : undefined)
  return (
    <div className={styles.banner} role="status">
      <Avatar name={name} title={name} />
      <div className={styles.words}>
        <p>
          <strong>{claim.state === 'lost' ? first : texts.lead.has(name)}</strong>{' '}
          {typed ? texts.lead.kept : texts.lead.keeps}
        </p>
        <div className={styles.deeds}>
          <Button size="compact-sm" variant="default" onClick={() => emit('note')}>
            {texts.lead.writeNote(name)}
          </Button>
          <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setAsking(true)}>
            {texts.lead.takeAnyway}
          </Button>
        </div>
      </div>
      <button
        type="button"
        className={styles.close}
        aria-label={texts.lead.leaveIt}
        title={texts.lead.leaveIt}
        onClick={() => dispatch(claimEnded(chat.id))}
      >
        <XIcon size={14} />
      </button>
      <ConfirmDialog
        opened={asking}
        careful
        title={texts.lead.takeFromTitle(name)}
        hint={texts.lead.takeFromHint(name)}
        confirm={texts.lead.takeFrom(name)}
        cancel={texts.common.cancel}
        pending={false}
        refusal={refusal}
        onConfirm={() => void take(colleague).then((mine) => mine && setAsking(false))}
        onClose={() => {
          setAsking(false)
          clear()
        }}
      />
    </div>
  )
}
