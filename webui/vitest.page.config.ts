import { defineConfig } from 'vitest/config'

/**
 * The page in a real Chromium: needs the built page, and the repository's virtual environment for the stage. Every
 * deadline is far beyond what a busy machine needs, as the browser's in look.ts is: only what never comes should fail.
 */
export default defineConfig({
  test: {
    include: ['tests/page/**/*.page.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } }, // one second, if nothing were said
    fileParallelism: false,
  },
})
