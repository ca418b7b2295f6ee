import { readdirSync } from 'node:fs'

import reactHooks from 'eslint-plugin-react-hooks'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

const features = readdirSync(new URL('./src/features', import.meta.url))

/** What may import what: features know each other no more than plugins do, and the app puts them together. */
const walls = [
  ...features.map((feature) => ({
    files: [`src/features/${feature}/**`],
    rules: forbid(
      features.filter((other) => other !== feature).map((other) => `@/features/${other}/*`),
      'Features never import each other: the app composes them.',
      ['@/app/*'],
    ),
  })),
  {
    files: ['src/{ui,bulk,lists,explain,i18n,workspace,problems,session,replies,presence,reading,alerts}/**'],
    rules: forbid(['@/features/*', '@/app/*'], 'What features share knows no feature.'),
  },
  {
    files: ['src/{store,connection,commands}/**'],
    rules: forbid(
      ['@/features/*', '@/app/*', '@/ui/*', 'react-dom', '@mantine/*'],
      'The state is drawn by nobody here.',
    ),
  },
  {
    files: ['src/contract/**'],
    rules: forbid(['@/*', 'react'], 'The contract is generated, and depends on itself alone.'),
  },
]

function forbid(group, message, more = []) {
  return { 'no-restricted-imports': ['error', { patterns: [{ group: [...group, ...more], message }] }] }
}

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
