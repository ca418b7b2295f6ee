import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type Lens, View } from '@/lists/view'
import { Table } from '@/store/table'

interface Row {
  readonly id: string
  readonly size: number
  readonly kind: 'a' | 'b' | 'hidden'
}

const lens: Lens<Row> = {
  groups: ['b', 'a'],
  groupOf: (row) => row.kind,
  compare: (one, other) => other.size - one.size,
  keyOf: (row) => row.id,
}

const step = fc.record({
  id: fc.nat(30).map((number) => `k${number}`),
  size: fc.nat(5),
  kind: fc.constantFrom('a' as const, 'b' as const, 'hidden' as const),
  drop: fc.boolean(),
})

test('a list that follows the changes shows what one made anew would', () => {
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 8 })), (batches) => {
      let table = Table.empty<Row>()
      const view = new View(lens, table)
      for (const batch of batches) {
        const draft = table.edit()
        for (const { drop, ...row } of batch) {
          if (drop) draft.drop(row.id)
          else draft.put(row.id, row)
        }
        table = draft.commit()
        expect(view.at(table)).toEqual(new View(lens, table).at(table))
      }
    }),
  )
})

test('a list is not drawn again when only rows that it does not show have changed', () => {
  const first = Table.empty<Row>().edit()
  first.put('k1', { id: 'k1', size: 1, kind: 'hidden' })
  const table = first.commit()
  const view = new View(lens, table)
  const shown = view.at(table)

  const draft = table.edit()
  draft.put('k1', { id: 'k1', size: 2, kind: 'hidden' })
  expect(view.at(draft.commit())).toBe(shown)
})
