/** A chat that is open on this page when it leaves the live state stays under the reader's eyes, as it was. */
import { chatKept } from '@/store/slices/past'
import type { Store } from '@/store/store'

export function keepOpenChats(store: Store): () => void {
  let before = store.getState().replica
  return store.subscribe(() => {
    const { replica, workspace } = store.getState()
    const was = before
    before = replica
    if (was.chats === replica.chats) return
    for (const id of workspace.panes) {
      const chat = was.chats.get(id)
      if (chat === undefined || replica.chats.has(id)) continue
      const task = chat.taskId === null ? null : (was.tasks.get(chat.taskId) ?? null)
      store.dispatch(chatKept({ chat, task, lines: undefined, next: null }))
    }
  })
}
