import { fileURLToPath } from 'node:url'

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

/** The running system that `npm run dev` and `npm run preview` talk to. */
const backend = process.env['SWITCHBOARD_URL'] ?? 'http://127.0.0.1:8040'
const proxy = { '/api': backend, '/sign-in': backend }

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy },
  preview: { proxy },
  // light-dark() is to stay as it is: lowered, it would need color-scheme in our own style sheets.
  build: {
    outDir: '../plugins/api/static',
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    chunkSizeWarningLimit: 1000,
  },
  test: { include: ['tests/**/*.test.{ts,tsx}'], restoreMocks: true },
})
