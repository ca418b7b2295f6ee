import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Table } from '@/store/table'

interface Row {
  readonly id: string
  readonly value: number
}

type Step = readonly ['put' | 'drop', key: number, value: number]

/** What a table is to be: JavaScript's own Map keeps the order of first insertion, and forgets it on deletion. */
function follow(model: Map<string, Row>, table: Table<Row>, steps: readonly Step[]): Table<Row> {
  const draft = table.edit()
  for (const [step, key, value] of steps) {
    const id = `k${key}`
    if (step === 'put') {
      model.set(id, { id, value })
      draft.put(id, model.get(id)!)
    } else {
      model.delete(id)
      draft.drop(id)
    }
    expect(draft.size).toBe(model.size)
    expect(draft.oldest()).toBe(model.values().next().value)
  }
  return draft.commit()
}

const steps = fc.array(fc.tuple(fc.constantFrom('put' as const, 'drop' as const), fc.nat(40), fc.nat()))
const batches = fc.array(steps, { maxLength: 12 })

describe('a table', () => {
  test('holds what a Map would, in the same order, whatever was put and dropped', () => {
    fc.assert(
      fc.property(batches, (history) => {
        const model = new Map<string, Row>()
        let table = Table.empty<Row>()
        for (const batch of history) {
          table = follow(model, table, batch)
          expect([...table]).toEqual([...model.values()])
          expect(table.size).toBe(model.size)
          expect(table.slice(3, 7)).toEqual([...model.values()].slice(3, 10))
          for (let key = 0; key <= 40; key += 1) expect(table.get(`k${key}`)).toBe(model.get(`k${key}`))
        }
      }),
    )
  })

  test('gives any slice of its rows, over chunks and holes', () => {
    const draft = Table.empty<Row>().edit()
    for (let value = 0; value < 1_000; value += 1) draft.put(`k${value}`, { id: `k${value}`, value })
    const whole = draft.commit()
    const values = (table: Table<Row>, start: number, count: number) =>
      table.slice(start, count).map((row) => row.value)
    expect(values(whole, 600, 3)).toEqual([600, 601, 602])
    expect(values(whole, 999, 3)).toEqual([999])

    const holes = whole.edit()
    holes.drop('k5')
    expect(values(holes.commit(), 510, 4)).toEqual([511, 512, 513, 514])
  })

  test('is still what it was after later versions, even two that went different ways', () => {
    fc.assert(
      fc.property(batches, steps, steps, (history, one, other) => {
        const model = new Map<string, Row>()
        const table = history.reduce((before, batch) => follow(model, before, batch), Table.empty<Row>())

        const [modelOne, modelOther] = [new Map(model), new Map(model)]
        const tableOne = follow(modelOne, table, one)
        const tableOther = follow(modelOther, table, other)

        for (const [version, expected] of [
          [table, model],
          [tableOne, modelOne],
          [tableOther, modelOther],
        ] as const) {
          expect([...version]).toEqual([...expected.values()])
          for (let key = 0; key <= 40; key += 1) expect(version.get(`k${key}`)).toBe(expected.get(`k${key}`))
        }
      }),
    )
  })

  test('tells a follower what has changed since it looked', () => {
    fc.assert(
      fc.property(batches, fc.nat(12), (history, from) => {
        let table = Table.empty<Row>()
        const model = new Map<string, Row>()
        table = follow(model, table, [['put', 99, 1]])
        let followed: Map<string, Row> | undefined
        let seen = -1
        for (const [index, batch] of history.entries()) {
          if (index === from) {
            followed = new Map(model)
            seen = table.version
          }
          table = follow(model, table, batch)
        }
        if (followed === undefined) return
        for (const change of table.since(seen)!) {
          expect(followed.get(change.key)).toBe(change.old)
          if (change.new === undefined) followed.delete(change.key)
          else followed.set(change.key, change.new)
        }
        expect(new Set(followed.values())).toEqual(new Set(model.values()))
      }),
    )
  })

  test('says so when it cannot tell, rather than that nothing has changed', () => {
    const draft = Table.empty<Row>().edit()
    draft.put('a', { id: 'a', value: 1 })
    const before = draft.commit()
    let table = before
    for (let value = 2; value < 100; value += 1) {
      const next = table.edit()
      next.put('a', { id: 'a', value })
      table = next.commit()
    }
    expect(table.since(before.version)).toBeUndefined()
    expect(Table.empty<Row>().since(before.version)).toBeUndefined()
  })

  test('stays the very same when nothing was changed in the end', () => {
    const draft = Table.empty<Row>().edit()
    draft.put('a', { id: 'a', value: 1 })
    const table = draft.commit()
    const again = table.edit()
    again.put('a', table.get('a')!)
    expect(again.commit()).toBe(table)
  })

  test('gives the room of dropped rows back', () => {
    let table = Table.empty<Row>()
    for (let number = 0; number < 5_000; number += 1) {
      const draft = table.edit()
      draft.put(`k${number}`, { id: `k${number}`, value: number })
      if (draft.size > 10) draft.drop(draft.oldest()!.id)
      table = draft.commit()
    }
    expect(table.rows().map((row) => row.value)).toEqual(Array.from({ length: 10 }, (_, index) => 4_990 + index))
  })
})
