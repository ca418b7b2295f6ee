/** Calls the operator when something is for them and they do not see it: by a sound, by a notification of the desktop. */
import { type Alert, judge } from '@/alerts/judge'
import { PAGE } from '@/connection/reportPresence'
import type { ChatId } from '@/contract/ids'
import { may } from '@/session/roles'
import { shownChats } from '@/store/slices/workspace'
import type { RootState, Store } from '@/store/store'

export interface Callers {
  readonly chime: () => void
  readonly notify: (alert: Alert) => void
  /** Only one of an operator's windows calls, and not each of them. */
  readonly isMyTurn: () => boolean
}

/** A burst of changes is one call. */
const QUIET_MS = 1_500

export function watchAlerts(store: Store, callers: Callers, now: () => number = Date.now): () => void {
  let { chats } = store.getState().replica
  let chimed = -Infinity
  return store.subscribe(() => {
    const state = store.getState()
    if (state.replica.chats === chats) return
    // what came with a snapshot was there before: it is shown as unread, and calls nobody
    const changes = chats.size === 0 ? undefined : state.replica.chats.since(chats.version)
    chats = state.replica.chats
    const { me, role } = state.session
    const { sound, desktop, scope } = state.workspace.alerts
    if (
      changes === undefined ||
      me === undefined ||
      !may(role, 'SendMessage') ||
      (!sound && !desktop) ||
      !callers.isMyTurn()
    )
      return
    for (const { old, new: chat } of changes) {
      const alert = chat && judge(old, chat, me, scope)
      if (alert === undefined || (alert.kind === 'message' && isLookedAt(state, alert.chat.id, me))) continue
      if (desktop) callers.notify(alert)
      if (sound && now() - chimed >= QUIET_MS) {
        chimed = now()
        callers.chime()
      }
    }
  })
}

/** Do I see this chat now, in this window or in another one of mine? */
function isLookedAt({ workspace, presence }: RootState, id: ChatId, me: string): boolean {
  if (document.hasFocus()) return workspace.place === 'chats' && shownChats(workspace).includes(id)
  return presence.some(({ page, actor, here, chats }) => page !== PAGE && actor === me && here && chats.includes(id))
}
