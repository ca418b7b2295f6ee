/** Desktop notifications, in the operator's language. A click opens the chat. */
import type { Alert } from '@/alerts/detectAlert'
import { serverClock } from '@/connection/clock'
import { actorName } from '@/explain/explain'
import { playerLabel } from '@/explain/player'
import type { Texts } from '@/i18n/en/texts'
import { span } from '@/i18n/time'
import { languageOf, LANGUAGES } from '@/i18n/languages'
import { oldest } from '@/queue/needs'
import { chatOpened } from '@/store/slices/workspace'
import type { Store } from '@/store/store'

const LENGTH = 140

/** Whether notifications can be shown: browsers have them over https and on this machine only. */
export type Permission = NotificationPermission | 'impossible'

export function permission(): Permission {
  return 'Notification' in window && window.isSecureContext ? Notification.permission : 'impossible'
}

export async function askPermission(): Promise<Permission> {
  return permission() === 'default' ? Notification.requestPermission() : permission()
}

export function notify(store: Store, { kind, chat, text }: Alert): void {
  if (permission() !== 'granted') return
  const { replica } = store.getState()
  const { texts } = LANGUAGES[languageOf(document.documentElement.lang)]
  const item = replica.tasks.get(chat.taskId ?? '')?.item ?? playerLabel(chat.playerSteamId64, replica.players)
  const what = saidOf({ kind, chat, text }, texts)
  try {
    // a later one about the same chat takes the place of the one before
    const shown = new Notification(item, {
      body: [what, text.slice(0, LENGTH)].filter(Boolean).join('\n'),
      tag: chat.id,
    })
    shown.onclick = () => {
      window.focus()
      store.dispatch(chatOpened(chat.id))
      shown.close()
    }
  } catch {
    // some browsers have the permission and show none from a page: the sound and the title are left
  }
}

/** What has happened, as a sentence; the player's words need none. */
function saidOf({ kind, chat }: Alert, texts: Texts): string {
  if (kind === 'message') return ''
  if (kind === 'taken') return texts.alerts.taken(actorName(chat.owner ?? '', texts))
  if (kind === 'overLimit') return texts.queue.overLimit(span(serverClock.now() - oldest(chat.needs), texts))
  return texts.queue.why[kind]
}

/** Elects one window of this browser by a Web Lock, held until it is closed; without locks, every window is the leader. */
export function electLeader(): () => boolean {
  if (!('locks' in navigator)) return () => true
  let mine = false
  void navigator.locks.request('switchboard.alerts', () => {
    mine = true
    return new Promise(() => undefined)
  })
  return () => mine
}
