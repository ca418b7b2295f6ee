/** What an operator has not read yet. Only the player's lines count: our own never make a chat unread. */
import type { Chat } from '@/contract/rows'
import type { Workspace } from '@/workspace/slice'

export type Marks = Pick<Workspace, 'read' | 'readBefore'>

export function unread(chat: Chat, marks: Marks): number {
  const upTo = Math.max(marks.read[chat.id] ?? 0, marks.readBefore)
  let count = 0
  for (let index = chat.messages.length - 1; index >= 0; index -= 1) {
    const message = chat.messages[index]!
    if (message.ts <= upTo) break
    if (message.from === 'player') count += 1
  }
  return count
}

/** Does the chat wait for a person? An agent that is on will answer by itself. */
export function waitsForPerson(chat: Chat): boolean {
  return chat.status === 'open' && !chat.agentEnabled && chat.messages.at(-1)?.from === 'player'
}
