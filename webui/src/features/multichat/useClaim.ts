import { useCallback, useState } from 'react'

import { send } from '@/commands/send'
import { serverClock } from '@/connection/clock'
import type { ChatId } from '@/contract/ids'
import type { Chat } from '@/contract/rows'
import { refusalText } from '@/explain/reasons'
import { useTexts } from '@/i18n/useTexts'
import { isPerson } from '@/session/actor'
import { type Claim, claimChanged, claimEnded } from '@/store/slices/claims'
import { type Store, useAppSelector, useAppStore } from '@/store/store'

/** What a take-over came to: `mine`, a colleague's, or what the server said. */
type Taken = { readonly mine: boolean; readonly refusal?: Parameters<typeof refusalText>[0] }

/** One take-over at a time of each chat: whoever asks meanwhile waits for the same answer. */
const underWay = new Map<ChatId, Promise<Taken>>()

export interface ChatClaim {
  readonly claim: Claim | undefined
  /** Take the chat, knowingly from a colleague where they are named. Returns whether it is mine now. */
  readonly take: (takeFrom?: string) => Promise<boolean>
  readonly refusal: string | undefined
  readonly clear: () => void
}

/** Taking a chat over: who loses is told so in a banner, and keeps what they typed. */
export function useClaim({ id }: Pick<Chat, 'id'>): ChatClaim {
  const texts = useTexts()
  const store = useAppStore()
  const claim = useAppSelector((state) => state.claims[id])
  const [refusal, setRefusal] = useState<string>()
  const take = useCallback(
    async (takeFrom?: string) => {
      setRefusal(undefined)
      let asked = underWay.get(id)
      if (asked === undefined) {
        asked = takeOver(store, id, takeFrom).finally(() => underWay.delete(id))
        underWay.set(id, asked)
      }
      const taken = await asked
      if (taken.refusal !== undefined) setRefusal(refusalText(taken.refusal, texts))
      return taken.mine
    },
    [store, id, texts],
  )
  return { claim, take, refusal, clear: useCallback(() => setRefusal(undefined), []) }
}

/** Is what I write there said in a chat that nobody of us has? Then it is claimed first, so that two do not answer at once. */
export function needsClaim({ status, agentEnabled, owner }: Chat): boolean {
  return status === 'open' && (agentEnabled || !isPerson(owner))
}

async function takeOver(store: Store, chatId: ChatId, takeFrom: string | undefined): Promise<Taken> {
  const at = serverClock.now()
  const epoch = (store.getState().replica.chats.get(chatId)?.epoch ?? 0) + 1
  store.dispatch(claimChanged({ chatId, state: 'asked', at, epoch }))
  const outcome = await send('ToggleAgent', {
    chatId,
    enabled: false,
    ...(takeFrom === undefined ? {} : { takeFrom }),
  })
  if (!outcome.ok && outcome.error.code === 'alreadyTaken') {
    // what was known when it was asked for may have been old
    const now = store.getState().replica.chats.get(chatId)?.epoch ?? 0
    store.dispatch(claimChanged({ chatId, state: 'lost', at, epoch: Math.max(epoch, now) }))
    return { mine: false }
  }
  store.dispatch(claimEnded(chatId))
  if (outcome.ok) return { mine: true }
  // it is mine, and one message of before is still with Steam: what I write comes after it
  return { mine: outcome.error.code === 'messageUnderWay', refusal: outcome.error }
}
