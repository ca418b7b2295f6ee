/** ESLint holds the order of the folders, and sees no circle that is of types alone. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))
const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
const MODULES = new Set(FILES.map((name) => name.replace(/\.tsx?$/, '')))

/** The modules of ours that a file imports, by their paths from src/. */
function importsOf(file: string): string[] {
  const found = readFileSync(SRC + file, 'utf8').matchAll(/(?:from|import)[ (]['"](@|\.{1,2})\/([^'"]+)['"]/g)
  return [...found]
    .map(([, base, path]) => (base === '@' ? path! : join(dirname(file), base!, path!)))
    .filter((module) => MODULES.has(module))
}

/** The first way from a module back to itself; undefined where there is none. */
function circle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  const walk = (module: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(module)) return [...path.slice(path.indexOf(module)), module]
    if (done.has(module)) return undefined
    for (const next of graph.get(module) ?? []) {
      const found = walk(next, [...path, module])
      if (found !== undefined) return found
    }
    done.add(module)
    return undefined
  }
  for (const module of graph.keys()) {
    const found = walk(module, [])
    if (found !== undefined) return found
  }
  return undefined
}

test('no module imports itself by way of others, not even for a type', () => {
  const graph = new Map(FILES.map((file) => [file.replace(/\.tsx?$/, ''), importsOf(file)]))

  expect(graph.get('app/App')).toContain('app/Shell')
  expect(graph.get('contract/rows')).toContain('contract/ids')
  expect(circle(graph)).toBeUndefined()
})
