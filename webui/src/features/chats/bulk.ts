/** The bulk commands for chats. */
import type { BulkCommand } from '@/bulk/plan'
import { send } from '@/commands/send'
import type { Chat } from '@/contract/rows'
import { actorName } from '@/explain/explain'
import type { Texts } from '@/i18n/en/texts'
import { type Reading, unread } from '@/reading/unread'
import { isPerson } from '@/session/actor'

export function chatCommands(
  texts: Texts,
  me: string | undefined,
  reading: () => Reading,
): readonly BulkCommand<Chat>[] {
  const colleague = ({ owner }: Chat) => (isPerson(owner) && owner !== me ? actorName(owner, texts) : undefined)
  const closed = ({ status }: Chat) => (status === 'closed' ? texts.bulk.closed : undefined)
  const heard = (chat: Chat) => chat.messages.findLast(({ from }) => from === 'player')
  return [
    {
      kind: 'ToggleAgent',
      label: texts.chat.takeOver,
      title: texts.bulk.takeOver,
      hint: texts.bulk.takeOverHint,
      unfit: (chat) => {
        const other = colleague(chat)
        if (chat.status === 'closed') return texts.bulk.closed
        if (other !== undefined) return texts.bulk.theirs(other)
        return !chat.agentEnabled && chat.owner === me ? texts.bulk.mine : undefined
      },
      give: ({ id }, commandId) => send('ToggleAgent', { chatId: id, enabled: false }, commandId),
    },
    {
      kind: 'ToggleAgent',
      label: texts.chat.giveBack,
      title: texts.bulk.giveBack,
      hint: texts.bulk.giveBackHint,
      unfit: (chat) => {
        const other = colleague(chat)
        if (chat.status === 'closed') return texts.bulk.closed
        if (chat.agentEnabled) return texts.bulk.agentLeads
        if (other !== undefined) return texts.bulk.theirsToGive(other)
        return chat.taskId === null ? texts.bulk.noTask : undefined
      },
      give: ({ id }, commandId) => send('ToggleAgent', { chatId: id, enabled: true }, commandId),
    },
    {
      kind: 'MarkRead',
      label: texts.bulk.markRead,
      title: texts.bulk.markReadTitle,
      hint: texts.bulk.markReadHint,
      unfit: (chat) => (unread(chat, reading()) === 0 ? texts.bulk.nothingUnread : undefined),
      give: (chat, commandId) => send('MarkRead', { chatId: chat.id, upTo: heard(chat)!.id }, commandId),
    },
    {
      kind: 'DisposeTask',
      label: texts.bulk.close,
      danger: true,
      title: texts.bulk.closeTitle,
      hint: texts.bulk.closeHint,
      reason: texts.task.reason,
      unfit: (chat) => closed(chat) ?? (chat.taskId === null ? texts.bulk.noTaskToClose : undefined),
      give: (chat, commandId, reason) => send('DisposeTask', { taskId: chat.taskId!, reason }, commandId),
    },
  ]
}
