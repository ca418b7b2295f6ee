/** Events as Redux actions: an action's `type` is the event's `kind`, and a batch of them is one dispatch. */
import { createAction } from '@reduxjs/toolkit'

import type { ChangesNothing, Envelope, Kind, Payloads } from '@/contract/events'

/** An event with its place in the order, as slices get it. */
export type EventAction<K extends Kind = Kind> = {
  readonly type: K
  readonly payload: Payloads[K]
  readonly meta: Pick<Envelope, 'seq' | 'ts' | 'actor' | 'cause'>
}

/** The kinds that some reducer must fold. */
export type Changing = Exclude<Kind, ChangesNothing>

export function toAction(envelope: Envelope): EventAction {
  const { kind, payload, ...meta } = envelope
  return { type: kind, payload, meta }
}

/** Events that arrived together: every slice sees each of them, and the page renders once. */
export const batchArrived = createAction<readonly EventAction[]>('stream/batch')
