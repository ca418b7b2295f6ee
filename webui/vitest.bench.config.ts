import { defineConfig } from 'vitest/config'

/** Measurements of the page in a real Chromium: `python -m tests.bench page`. */
export default defineConfig({
  test: { include: ['tests/page/**/*.bench.ts'], testTimeout: 900_000, hookTimeout: 900_000, fileParallelism: false },
})
