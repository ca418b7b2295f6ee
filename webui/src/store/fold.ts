/** The twin of `kernel/reducers/`: the same events fold to the same state here and there. */
import type { Changing, EventAction } from '@/store/events'
import { bots } from '@/store/reducers/bots'
import { chats } from '@/store/reducers/chats'
import { clock } from '@/store/reducers/clock'
import { contact } from '@/store/reducers/contact'
import { deals } from '@/store/reducers/deals'
import { desk } from '@/store/reducers/desk'
import { invites } from '@/store/reducers/invites'
import { players } from '@/store/reducers/players'
import { IllegalTransition, type Reducer } from '@/store/reducers/slice'
import { system } from '@/store/reducers/system'
import { tasks } from '@/store/reducers/tasks'
import { team } from '@/store/reducers/team'
import { commit, edit, type Replica } from '@/store/replica'

/** A kind of event without a reducer does not compile. */
const REDUCERS = {
  ...bots,
  ...tasks,
  ...deals,
  ...invites,
  ...chats,
  ...desk,
  ...players,
  ...contact,
  ...team,
  ...system,
  ...clock,
} satisfies { readonly [K in Changing]: Reducer<K> }

/**
 * The state after these events, which must follow it without a gap. Throws IllegalTransition when one does not fit;
 * the replica that was given stays as it is.
 */
export function fold(replica: Replica, events: readonly EventAction[]): Replica {
  const last = events.at(-1)
  if (last === undefined) return replica
  const drafts = edit(replica)
  let { seq } = replica
  for (const { type, payload, meta } of events) {
    if (meta.seq !== seq + 1) throw new IllegalTransition(`event ${meta.seq} came after event ${seq}`)
    seq = meta.seq
    const reducer = (REDUCERS as Partial<Record<string, Reducer<Changing>>>)[type]
    reducer?.(drafts, payload as EventAction<Changing>['payload'], meta)
  }
  return commit(drafts, last.meta)
}
