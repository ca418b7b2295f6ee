/** How long to wait before the next try: doubling, with full jitter, so that pages do not come back all at once. */
export const FIRST_MS = 500
export const LONGEST_MS = 15_000

export function backoff(failures: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1))
  return FIRST_MS / 2 + random() * (ceiling - FIRST_MS / 2)
}
