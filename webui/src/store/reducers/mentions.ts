import type { SteamId64 } from '@/contract/ids'
import type { Tables } from '@/contract/tables'
import type { Drafts } from '@/store/replica'
import type { Draft } from '@/store/table'

/** Have `other` in place of `player` wherever a text of a row has it. It looks through all rows: for what is rare. */
export function replaceInTexts(state: Drafts, player: SteamId64, other: SteamId64): void {
  inRows(state.bots, ['detail', 'nextStep'], player, other)
  inRows(state.tasks, ['item', 'detail', 'nextStep'], player, other)
  inRows(state.invites, ['detail'], player, other)
  inRows(state.replies, ['title', 'text'], player, other)
  inRows(state.plugins, ['detail', 'lastError'], player, other)
  for (const [key, chat] of state.chats.entries()) {
    const changed: { -readonly [F in 'messages' | 'notes']?: Tables['chats'][F] } = {}
    if (chat.messages.some((one) => one.text.includes(player)))
      changed.messages = chat.messages.map((one) => ({ ...one, text: one.text.replaceAll(player, other) }))
    if (chat.notes.some((one) => one.text.includes(player)))
      changed.notes = chat.notes.map((one) => ({ ...one, text: one.text.replaceAll(player, other) }))
    if (Object.keys(changed).length > 0) state.chats.update(key, changed)
  }
}

function inRows<R>(table: Draft<R>, fields: readonly (keyof R)[], player: string, other: string): void {
  for (const [key, row] of table.entries())
    for (const field of fields) {
      const text = table.get(key)![field]
      if (typeof text !== 'string' || !text.includes(player)) continue
      table.put(key, { ...row, ...table.get(key), [field]: text.replaceAll(player, other) })
    }
}
