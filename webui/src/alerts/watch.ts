/** Alerts the operator, by sound and desktop notification, to what concerns them and is not in view. */
import { type Alert, concerns, detectAlert, lastHeard } from '@/alerts/detectAlert'
import { serverClock } from '@/connection/clock'
import { PAGE_ID } from '@/connection/reportPresence'
import type { ChatId } from '@/contract/ids'
import { queueOf, type QueueRow, queueTable } from '@/queue/queue'
import { may } from '@/session/roles'
import { shownChats, waitLimitMs } from '@/store/slices/workspace'
import type { RootState, Store } from '@/store/store'
import type { Change, Table } from '@/store/table'

export interface AlertOutputs {
  readonly playSound: () => void
  readonly notify: (alert: Alert) => void
  /** Only one of an operator's windows calls, and not each of them. */
  readonly isLeader: () => boolean
}

/** Within this time, a burst of changes makes one sound. */
const QUIET_MS = 1_500
/** Notifications of what came while the connection was broken: more would be read by nobody. */
const AFTER_BREAK = 5
/** How often it is looked who has waited too long. */
const LIMIT_CHECK_MS = 15_000

export function watchAlerts(
  store: Store,
  outputs: AlertOutputs,
  now: () => number = Date.now,
  serverNow: () => number = () => serverClock.now(),
): () => void {
  const limits = new LimitWatch(store, serverNow)
  let table = queueTable(store)
  let { me } = store.getState().session
  let playedAt = -Infinity

  const call = (alerts: readonly Alert[]) => {
    const { workspace } = store.getState()
    if (alerts.length === 0 || !outputs.isLeader()) return
    if (workspace.alerts.desktop) for (const alert of alerts) outputs.notify(alert)
    if (workspace.alerts.sound && now() - playedAt >= QUIET_MS) {
      playedAt = now()
      outputs.playSound()
    }
  }
  const unsubscribe = store.subscribe(() => {
    const before = table
    const known = me
    const state = store.getState()
    table = queueTable(store)
    me = state.session.me
    if (me !== known) {
      limits.begin()
      return
    }
    if (table === before || me === undefined) return
    const changes = table.since(before.version)
    // what a first snapshot brings was there before: it is shown, and calls nobody
    if (changes === undefined && before.size === 0) {
      limits.begin()
      return
    }
    const alerts = alertsOf(changes ?? changesBetween(before, table), state, me)
    call(changes === undefined ? alerts.slice(0, AFTER_BREAK) : alerts)
  })
  const timer = setInterval(() => call(limits.look()), LIMIT_CHECK_MS)
  return () => {
    unsubscribe()
    clearInterval(timer)
  }
}

function alertsOf(changes: readonly Change<QueueRow>[], state: RootState, me: string): readonly Alert[] {
  if (!mayBeCalled(state)) return []
  const alerts: Alert[] = []
  for (const { old, new: row } of changes) {
    const alert = row && detectAlert(old, row, me, state.workspace.alerts.scope)
    if (alert !== undefined && !(inSight(alert) && isLookedAt(state, alert.chat.id, me))) alerts.push(alert)
  }
  return alerts
}

/** Words and deals are seen where they are looked at; what has gone wrong is told all the same. */
function inSight({ kind }: Alert): boolean {
  return kind === 'message' || kind === 'waits' || kind === 'trade' || kind === 'overLimit'
}

function mayBeCalled({ session, workspace }: RootState): boolean {
  const { sound, desktop } = workspace.alerts
  return may(session.role, 'SendMessage') && (sound || desktop)
}

/** A new snapshot after a break holds no changes: the rows themselves are compared. */
function changesBetween(before: Table<QueueRow>, after: Table<QueueRow>): readonly Change<QueueRow>[] {
  return after.rows().map((row) => ({ key: row.id, old: before.get(row.id), new: row }))
}

/** Finds who has begun to wait longer than the limit, once each. */
class LimitWatch {
  readonly #store: Store
  readonly #now: () => number
  /** The waits over the limit that were seen already, by chat: since when they last. */
  #over = new Map<ChatId, number>()

  constructor(store: Store, now: () => number) {
    this.#store = store
    this.#now = now
  }

  /** Who is over the limit now was so before this page was opened: nobody is called for them. */
  begin(): void {
    this.#over = this.#overLimit()
  }

  look(): readonly Alert[] {
    const state = this.#store.getState()
    const { me } = state.session
    const before = this.#over
    this.#over = this.#overLimit()
    if (me === undefined || !mayBeCalled(state)) return []
    const rows = queueTable(this.#store)
    return [...this.#over]
      .filter(([id, since]) => before.get(id) !== since && !isLookedAt(state, id, me))
      .map(([id]) => rows.get(id))
      .filter((row) => row !== undefined && concerns(row, state.workspace.alerts.scope))
      .map((chat) => ({ kind: 'overLimit', chat: chat!, text: lastHeard(chat!)?.text ?? '' }))
  }

  #overLimit(): Map<ChatId, number> {
    const due = this.#now() - waitLimitMs(this.#store.getState().workspace)
    const over = new Map<ChatId, number>()
    for (const { name, rows } of queueOf(this.#store).groups) {
      if (name !== 'mine' && name !== 'nobodys') continue
      for (const { id, needs } of rows) {
        const waits = needs.find(({ kind, since }) => kind === 'waits' && since <= due)
        if (waits !== undefined) over.set(id, waits.since)
      }
    }
    return over
  }
}

/** Do I see this chat now, in this window or in another one of mine? */
function isLookedAt({ workspace, presence }: RootState, id: ChatId, me: string): boolean {
  if (document.hasFocus()) return workspace.place === 'chats' && shownChats(workspace).includes(id)
  return presence.some(({ page, actor, here, chats }) => page !== PAGE_ID && actor === me && here && chats.includes(id))
}
