import { expect, test } from 'vitest'
import { codePoints, isComposing } from '@/ui/typing'

const key = (fields: { isComposing: boolean; keyCode: number }) => fields as KeyboardEvent

test("the Enter that ends a composed word is the input method's, in Safari too", () => {
  expect(isComposing(key({ isComposing: true, keyCode: 13 }))).toBe(true)
  expect(isComposing(key({ isComposing: false, keyCode: 229 }))).toBe(true)
  expect(isComposing(key({ isComposing: false, keyCode: 13 }))).toBe(false)
})

test('a text is as long here as for the server', () => {
  expect(codePoints('😀'.repeat(1_500))).toBe(1_500)
  expect(codePoints('ё')).toBe(1)
})
