import { defineConfig } from 'vitest/config'

/** Pictures of the page's screens, drawn by a real Chromium: `npm run screenshots`. */
export default defineConfig({
  test: { include: ['tests/page/**/*.shots.ts'], testTimeout: 30_000, hookTimeout: 60_000, fileParallelism: false },
})
