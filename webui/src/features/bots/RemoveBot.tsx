import { useState } from 'react'

import type { BotId } from '@/contract/ids'
import type { Bot } from '@/contract/rows'
import { botName } from '@/explain/explain'
import { useOpenWork } from '@/features/bots/useOpenWork'
import { useTexts } from '@/i18n/useTexts'
import { botChosen } from '@/store/slices/workspace'
import { useAppDispatch, useAppSelector } from '@/store/store'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { useUiEvent } from '@/ui/uiEvents'
import { useCommand } from '@/ui/useCommand'

/** The confirmation dialog of RemoveBot, opened by the event `removeBot`. */
export function RemoveBot() {
  const [id, setId] = useState<BotId>()
  const bot = useAppSelector((state) => (id === undefined ? undefined : state.replica.bots.get(id)))
  useUiEvent('removeBot', (about) => setId(about as BotId))
  return bot && <Removal key={bot.id} bot={bot} onClose={() => setId(undefined)} />
}

function Removal({ bot, onClose }: { bot: Bot; onClose: () => void }) {
  const texts = useTexts()
  const dispatch = useAppDispatch()
  const remove = useCommand('RemoveBot')
  const chosen = useAppSelector((state) => state.workspace.bot)
  const work = useOpenWork(bot.id)
  return (
    <ConfirmDialog
      opened
      title={texts.bot.removeTitle(botName(bot))}
      hint={`${texts.bot.removeHint} ${texts.bot.removeWork(work.tasks, work.chats)}`}
      confirm={texts.bot.remove}
      cancel={texts.common.cancel}
      danger
      pending={remove.pending}
      refusal={remove.refusal}
      onConfirm={() =>
        void remove.run({ botId: bot.id }).then(({ ok }) => {
          if (!ok) return
          if (chosen === bot.id) dispatch(botChosen(null))
          onClose()
        })
      }
      onClose={onClose}
    />
  )
}
