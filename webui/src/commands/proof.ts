/**
 * Fresh proofs (step-up): what cannot be taken back is refused with `proofNeeded` until the person has shown once more who
 * they are. Whatever sends a request asks here, and then sends the same again. One question at a time, for all who wait.
 */
type Ask = () => Promise<boolean>

let ask: Ask | undefined
let asking: Promise<boolean> | undefined

/** The part of the page that asks the person. Returns what takes it away again. */
export function askProofsBy(by: Ask): () => void {
  ask = by
  return () => {
    if (ask === by) ask = undefined
  }
}

/** Whether the person has given the proof; false where they would not, or nobody asks. */
export function prove(): Promise<boolean> {
  asking ??= (ask?.() ?? Promise.resolve(false)).finally(() => {
    asking = undefined
  })
  return asking
}
