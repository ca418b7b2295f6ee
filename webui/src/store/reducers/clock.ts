import { type Counted, type Moving, MOVING, TABLE_NAMES } from '@/contract/tables'
import type { ReducersOf } from '@/store/reducers/slice'
import type { Drafts } from '@/store/replica'
import type { Draft } from '@/store/table'

type Movers = Readonly<Record<Counted, (at: number) => number>>
type Fields = Readonly<Record<string, unknown>>

export const clock: ReducersOf<`clock.${string}`> = {
  'clock.stepped': (state, { byMs, earlierByMs, runBegan }) =>
    moveAll(state, {
      span: (at) => at + (at >= runBegan ? byMs : earlierByMs),
      running: (at) => at + byMs,
    }),

  'clock.resumed': (state, { gapMs }) =>
    moveAll(state, {
      span: (at) => at + Math.min(0, gapMs),
      running: (at) => at + gapMs,
    }),
}

/** Shift the timestamps that something is counted from, in all rows. */
function moveAll(state: Drafts, movers: Movers): void {
  for (const name of TABLE_NAMES) {
    const plan = MOVING[name]
    // Which table it is makes no difference here: its plan names the fields of its own rows.
    if (plan !== undefined) moveTable(state[name] as Draft<unknown> as Draft<Fields>, plan, movers)
  }
}

function moveTable(table: Draft<Fields>, plan: Moving, movers: Movers): void {
  for (const [key, row] of table.entries()) {
    const moved = moveFields(row, plan, movers)
    if (moved !== row) table.put(key, moved)
  }
}

/** The record with its times moved; the same one where none has moved. */
function moveFields(record: Fields, plan: Moving, movers: Movers): Fields {
  const changed: Record<string, unknown> = {}
  for (const [field, kind] of Object.entries(plan)) {
    const moved = moveValue(record[field], kind, movers)
    if (moved !== record[field]) changed[field] = moved
  }
  return Object.keys(changed).length === 0 ? record : { ...record, ...changed }
}

function moveValue(value: unknown, kind: Counted | Moving, movers: Movers): unknown {
  if (value === null || value === undefined) return value
  if (Array.isArray(value)) {
    const moved = value.map((one: unknown) => moveValue(one, kind, movers))
    return moved.some((one, index) => one !== value[index]) ? moved : value
  }
  if (typeof kind === 'string') return movers[kind](value as number)
  return moveFields(value as Fields, kind, movers)
}
