import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { inDigits } from '@/i18n/numbers'

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))

test('a number is written in the language of the page', () => {
  expect(inDigits(12_345.5, 'en')).toBe('12,345.5')
  expect(inDigits(12_345.5, 'ru').replace(/\s/g, ' ')).toBe('12 345,5')
})

test('nothing that is shown is written in the language of the browser', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
  const careless = files.filter((name) => /\.toLocale(Date|Time)?String\(\s*\)/.test(readFileSync(SRC + name, 'utf8')))
  expect(files.length).toBeGreaterThan(100)
  expect(careless).toEqual([])
})
