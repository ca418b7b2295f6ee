import { defineConfig } from 'vitest/config'

/** The page in a real Chromium: needs the built page, and the repository's virtual environment for the stage. */
export default defineConfig({
  test: { include: ['tests/page/**/*.page.ts'], testTimeout: 30_000, hookTimeout: 60_000, fileParallelism: false },
})
