import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Groups, type Grouping, naturalSortKey, type GroupedRows } from '@/lists/groups'
import { Search } from '@/lists/search'
import { View } from '@/lists/view'
import { Table } from '@/store/table'

interface Row {
  readonly id: string
  readonly size: number
  readonly kind: 'a' | 'b' | 'hidden'
}

const grouping: Grouping<Row> = {
  groups: ['b', 'a'],
  groupOf: (row) => row.kind,
  orderOf: (row) => -row.size,
  keyOf: (row) => row.id,
}

const step = fc.record({
  id: fc.nat(30).map((number) => `k${number}`),
  size: fc.nat(5),
  kind: fc.constantFrom('a' as const, 'b' as const, 'hidden' as const),
  drop: fc.boolean(),
})
type Batch = readonly (Row & { readonly drop: boolean })[]

function after(table: Table<Row>, batch: Batch): Table<Row> {
  const draft = table.edit()
  for (const { drop, ...row } of batch) {
    if (drop) draft.drop(row.id)
    else draft.put(row.id, row)
  }
  return draft.commit()
}

/** What is seen of it: the names and rows of its groups. */
const seen = ({ groups, total }: GroupedRows<Row>) => ({
  groups: groups.map(({ name, rows }) => ({ name, rows })),
  total,
})

const rows = (...ids: readonly string[]): Batch => ids.map((id) => ({ id, size: 1, kind: 'a', drop: false }))
const NOTHING: GroupedRows<Row> = { groups: [], total: 0 }

describe('a list', () => {
  test('that follows the changes shows what one made anew would, and knows where each row is', () => {
    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 8 })), (batches) => {
        let table = Table.empty<Row>()
        const view = new View(grouping, table)
        for (const batch of batches) {
          table = after(table, batch)
          const shown = view.at(table)
          expect(seen(shown)).toEqual(seen(new View(grouping, table).at(table)))
          for (const { rows, indexOf } of shown.groups)
            expect(rows.map((row) => indexOf!(row))).toEqual([...rows.keys()])
        }
      }),
    )
  })

  test('is not drawn again when only rows that it does not show have changed', () => {
    const table = after(Table.empty(), [{ id: 'k1', size: 1, kind: 'hidden', drop: false }])
    const view = new View(grouping, table)
    const shown = view.at(table)
    expect(view.at(after(table, [{ id: 'k1', size: 2, kind: 'hidden', drop: false }]))).toBe(shown)
  })

  test('has 9 before 10, in whatever letters', () => {
    const names = ['trader-10', 'Trader-9', 'trader-9b', '76561199000000001', 'Б-2', 'а-11']
    const sorted = ['76561199000000001', 'Trader-9', 'trader-9b', 'trader-10', 'а-11', 'Б-2']
    const groups = new Groups<string>({
      groups: ['all'],
      groupOf: () => 'all',
      orderOf: naturalSortKey,
      keyOf: (name) => name,
    })
    groups.fill(names)
    expect(groups.shown().groups[0]?.rows).toEqual(sorted)
  })
})

describe('a search', () => {
  const small = (row: Row) => row.size < 3

  test('shows what a look at every row finds, however the rows change while it goes on and after', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(step, { maxLength: 40 }), fc.boolean())), (batches) => {
        let [table, now] = [Table.empty<Row>(), 0]
        const view = new View(grouping, table)
        const search = new Search(view, table, small, NOTHING, () => (now += 1))
        for (const [batch, looks] of batches) {
          table = after(table, batch)
          search.at(table)
          if (looks) search.look(1)
        }
        while (!search.done) search.look(1)
        const found = [...table].filter(small)
        const wanted = new Groups(grouping)
        wanted.fill(found)
        expect(seen(search.at(table))).toEqual(seen(wanted.shown()))
      }),
    )
  })

  test('leaves what was shown before until it has found something, and stops when its time is over', () => {
    const table = after(Table.empty(), rows(...Array.from({ length: 1_000 }, (_, index) => `k${index}`)))
    const before = { groups: [], total: 7 }
    let now = 0
    const looked: string[] = []
    const finds = ({ id }: Row) => looked.push(id) > 0 && id === 'k999'
    const search = new Search(new View(grouping, table), table, finds, before, () => (now += 1))
    expect(search.look(2)).toBe(false)
    expect(looked.length).toBeLessThan(200)
    expect(search.at(table)).toBe(before)
    while (!search.done) search.look(2)
    expect(search.at(table)).toMatchObject({ total: 1 })
  })

  test('that takes long shows what it has found so far', () => {
    const table = after(Table.empty(), rows(...Array.from({ length: 500 }, (_, index) => `k${index}`)))
    let now = 0
    const search = new Search(
      new View(grouping, table),
      table,
      () => true,
      NOTHING,
      () => (now += 150),
    )
    while (!search.look(1)) expect(search.done).toBe(false)
    expect(search.done).toBe(false)
    expect(search.at(table).total).toBeGreaterThan(0)
  })

  test('looks through a new snapshot from its beginning, and finds nothing in an empty one', () => {
    const table = after(Table.empty(), rows('k1', 'k2'))
    const search = new Search(new View(grouping, table), table, () => true, NOTHING)
    search.look(1_000)
    expect(search.at(table).total).toBe(2)
    for (const [next, total] of [
      [after(Table.empty(), rows('k3', 'k4', 'k5')), 3],
      [Table.empty<Row>(), 0],
    ] as const) {
      search.at(next)
      expect(search.done).toBe(false)
      search.look(1_000)
      expect(search.at(next).total).toBe(total)
    }
  })
})
