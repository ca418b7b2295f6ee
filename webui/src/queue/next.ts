/** The key that leads to the next chat that needs this operator. */
import { nextNeedingMe, queueOf } from '@/queue/queue'
import { chatOpened } from '@/store/slices/workspace'
import type { Store } from '@/store/store'

/** Opens it, from whichever place; where only the chat that is open needs them, or none does, nothing happens. */
export function openNextNeeded(store: Store): void {
  const { active, place } = store.getState().workspace
  const next = nextNeedingMe(queueOf(store), place === 'chats' ? active : null)
  if (next !== undefined) store.dispatch(chatOpened(next))
}
