import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vite'

/** The reducers as one script for node: what tests/contract folds histories with. */
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    ssr: 'tools/fold.ts',
    outDir: 'build',
    target: 'node20',
    minify: false,
    emptyOutDir: true,
    rolldownOptions: { output: { entryFileNames: 'fold.mjs' } },
    copyPublicDir: false,
  },
  ssr: { noExternal: true },
  logLevel: 'warn',
})
