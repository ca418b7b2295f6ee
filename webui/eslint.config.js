import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { createNodeResolver, importX } from 'eslint-plugin-import-x'
import reactHooks from 'eslint-plugin-react-hooks'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** The folders of src/, in the one order of imports: each imports only from those before it, and from itself. */
const ORDER = [
  'contract',
  'store',
  'commands',
  'session',
  'i18n',
  'lists',
  'connection',
  'reading',
  'queue',
  'replies',
  'history',
  'explain',
  'ui',
  'alerts',
  'bulk',
  'features',
  'app',
]

/** Those that draw nothing: what they hold runs without a page, in the tests and in tools/. */
const UNDRAWN = [
  'contract',
  'store',
  'commands',
  'session',
  'lists',
  'connection',
  'reading',
  'queue',
  'replies',
  'history',
]

const src = fileURLToPath(new URL('./src', import.meta.url))
const unordered = readdirSync(src).filter((folder) => !ORDER.includes(folder))
if (unordered.length > 0) throw new Error(`src/${unordered[0]} has no place in the order of eslint.config.js`)

const zones = [
  ...ORDER.slice(0, -1).map((folder, place) => ({
    target: `${src}/${folder}`,
    from: ORDER.slice(place + 1).map((later) => `${src}/${later}`),
    message: `${folder}/ comes before it in the order of eslint.config.js.`,
  })),
  ...readdirSync(`${src}/features`).map((feature) => ({
    target: `${src}/features/${feature}`,
    from: `${src}/features`,
    except: [`./${feature}`],
    message: 'Features never import each other: the app composes them.',
  })),
]

/** What may import what, types included. No circle of files either: tests/imports.test.ts finds those of types alone. */
const walls = [
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts', '.tsx'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.tsx'], alias: { '@': [src] } })],
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
    },
  },
  {
    files: [`src/{${UNDRAWN.join(',')}}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['react-dom', '@mantine/*'], message: 'Nothing is drawn here.' }] },
      ],
    },
  },
]

export default defineConfig(
  { ignores: ['dist', 'build'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, reactHooks.configs.flat['recommended-latest']],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off', // an index below a length, said once where it is plain
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.name="parseFloat"]',
          message: 'Prices are exact decimals: keep their digits.',
        },
      ],
    },
  },
  ...walls,
)
