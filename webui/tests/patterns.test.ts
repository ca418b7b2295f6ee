/** Every pattern of the page takes time in proportion to the text: players' words and what is pasted are searched. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import ts from 'typescript'
import { expect, test } from 'vitest'

import { searchPatterns } from '@/lists/searchPatterns'
import { fillReply, replyValues } from '@/replies/fill'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))
const LARGE = 64 * 1024
/** What takes longer than so many milliseconds on a text of that size is held against half the text. */
const SURELY_LINEAR: readonly (readonly [size: number, ms: number])[] = [
  [1024, 5],
  [8192, 15],
  [LARGE, 40],
]

/** Where patterns are built at run time, and what they come to: a new place is a line here. */
const BUILT: Readonly<Record<string, (text: string) => unknown>> = {
  'lists/searchPatterns.ts': (text) => searchPatterns(`${text.slice(0, 200)} a+b (x)*`).map((one) => one.test(text)),
  'replies/fill.ts': (text) => fillReply(text, replyValues(undefined, undefined, undefined)),
}

interface Found {
  readonly place: string
  readonly pattern: RegExp
}

/** The literals of a file, by its syntax tree; and whether it builds patterns itself. */
function patternsOf(file: string): { literals: Found[]; builds: boolean } {
  const source = ts.createSourceFile(file, readFileSync(SRC + file, 'utf8'), ts.ScriptTarget.Latest, true)
  const literals: Found[] = []
  let builds = false
  const walk = (node: ts.Node) => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/')
      const { line } = source.getLineAndCharacterOfPosition(node.getStart())
      literals.push({
        place: `${file}:${line + 1}`,
        pattern: new RegExp(node.text.slice(1, end), node.text.slice(end + 1)),
      })
    }
    if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp') builds = true
    ts.forEachChild(node, walk)
  }
  walk(source)
  return { literals, builds }
}

const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
const LITERALS = FILES.flatMap((file) => patternsOf(file).literals)

/** What is repeated: the pattern's own characters and words, what its classes stand for, and pairs of them. */
function unitsOf(source: string): string[] {
  const words = source.match(/[\p{L}\p{N}]+/gu) ?? []
  const own = [...new Set(source.replace(/[\\^$*+?()[\]{}|]/g, ''))]
  const singles = [...new Set([...own, 'a', 'ж', '1', ' ', '!', '(', '[', '{', '\n', ...words])].slice(0, 24)
  const pairs = singles.flatMap((one, at) => [one + singles[(at * 7 + 3) % singles.length]!, `(${one}`])
  return [...new Set([...singles, ...pairs])]
}

function milliseconds(run: (text: string) => unknown, text: string): number {
  const began = process.cpuUsage()
  run(text)
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000
}

function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!
}

/** The units on which twice the text takes much more than twice the work. */
function slowOn(source: string, run: (text: string) => unknown, most = 60): string[] {
  return unitsOf(source)
    .slice(0, most)
    .filter((unit) => {
      const of = (size: number) => unit.repeat(Math.ceil(size / unit.length)).slice(0, size) + '\u0001'
      for (const [size, most] of SURELY_LINEAR) {
        if (milliseconds(run, of(size)) < most) continue
        // measured in turn, and the middle of several: a neighbour on the machine comes and goes
        const pairs = [1, 2, 3, 4, 5, 6, 7].map(
          () => [milliseconds(run, of(size)), milliseconds(run, of(size / 2))] as const,
        )
        const whole = Math.min(...pairs.map(([ms]) => ms))
        if (whole < most / 2) continue // it was something else
        return middle(pairs.map(([ms, half]) => ms / Math.max(0.1, half))) > 3
      }
      return false
    })
}

test('every pattern that the page has takes time in proportion to the text', () => {
  expect(LITERALS.length).toBeGreaterThan(14)
  const slow = LITERALS.flatMap(({ place, pattern }) => {
    const every = new RegExp(pattern.source, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`)
    return slowOn(pattern.source, (text) => text.replace(every, '')).map(
      (unit) => `${place} on ${JSON.stringify(unit)}`,
    )
  })
  expect(slow).toEqual([])
}, 60_000)

test('so do those that it builds as it runs, and each place that builds one is known', () => {
  expect(FILES.filter((file) => patternsOf(file).builds).sort()).toEqual(Object.keys(BUILT).sort())
  const slow = Object.entries(BUILT).flatMap(([place, run]) =>
    slowOn('{item} a+b(x)*', run, 24).map((unit) => `${place} on ${JSON.stringify(unit)}`),
  )
  expect(slow).toEqual([])
}, 60_000)

test('a pattern that is quadratic is noticed', () => {
  expect(slowOn('a', (text) => text.replace(/a*b/g, ''), 8)).not.toEqual([])
}, 60_000)
