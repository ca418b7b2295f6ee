/** Alerts the operator, by sound and desktop notification, to what concerns them and is not in view. */
import { type Alert, detectAlert } from '@/alerts/detectAlert'
import { PAGE_ID } from '@/connection/reportPresence'
import type { ChatId } from '@/contract/ids'
import { may } from '@/session/roles'
import { shownChats } from '@/store/slices/workspace'
import type { RootState, Store } from '@/store/store'

export interface AlertOutputs {
  readonly playSound: () => void
  readonly notify: (alert: Alert) => void
  /** Only one of an operator's windows calls, and not each of them. */
  readonly isLeader: () => boolean
}

/** Within this time, a burst of changes makes one sound. */
const QUIET_MS = 1_500

export function watchAlerts(store: Store, outputs: AlertOutputs, now: () => number = Date.now): () => void {
  let { chats } = store.getState().replica
  let playedAt = -Infinity
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
      !outputs.isLeader()
    )
      return
    for (const { old, new: chat } of changes) {
      const alert = chat && detectAlert(old, chat, me, scope)
      if (alert === undefined || (alert.kind === 'message' && isLookedAt(state, alert.chat.id, me))) continue
      if (desktop) outputs.notify(alert)
      if (sound && now() - playedAt >= QUIET_MS) {
        playedAt = now()
        outputs.playSound()
      }
    }
  })
}

/** Do I see this chat now, in this window or in another one of mine? */
function isLookedAt({ workspace, presence }: RootState, id: ChatId, me: string): boolean {
  if (document.hasFocus()) return workspace.place === 'chats' && shownChats(workspace).includes(id)
  return presence.some(({ page, actor, here, chats }) => page !== PAGE_ID && actor === me && here && chats.includes(id))
}
