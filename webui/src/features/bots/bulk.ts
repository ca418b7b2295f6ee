/** The bulk commands for bots. */
import type { BulkCommand } from '@/bulk/plan'
import { send } from '@/commands/send'
import type { Bot } from '@/contract/rows'
import { openWork } from '@/features/bots/useOpenWork'
import type { Texts } from '@/i18n/en/texts'
import type { Replica } from '@/store/replica'

export function botCommands(texts: Texts, replica: () => Replica): readonly BulkCommand<Bot>[] {
  return [
    {
      kind: 'ReconnectBot',
      label: texts.bot.reconnect,
      title: texts.bulk.reconnect,
      hint: texts.bulk.reconnectHint,
      unfit: ({ status }) =>
        status === 'connected' ? texts.bulk.onlineAlready : status === 'connecting' ? texts.bulk.signingIn : undefined,
      give: ({ id }, commandId) => send('ReconnectBot', { botId: id }, commandId),
    },
    {
      kind: 'RemoveBot',
      label: texts.bot.remove,
      danger: true,
      title: texts.bulk.remove,
      hint: texts.bot.removeHint,
      unfit: () => undefined,
      besides: () => {
        const work = openWork(replica())
        return ({ id }) => texts.bot.workOf(...counts(work.get(id)))
      },
      give: ({ id }, commandId) => send('RemoveBot', { botId: id }, commandId),
    },
  ]
}

function counts(work: { tasks: number; chats: number } | undefined): [tasks: number, chats: number] {
  return [work?.tasks ?? 0, work?.chats ?? 0]
}
