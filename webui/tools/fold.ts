/**
 * Folds histories for the contract tests: a line in, a line out.
 *
 * In: `{parts: SnapshotPart[], batches: Envelope[][], checks: Check[]}`. Out: `{seq, ts, tables: {name: rows}, drifted:
 * Check[]}`, or `{refused: message}`.
 */
import type { Envelope } from '@/contract/events'
import type { Check, SnapshotPart } from '@/contract/tables'
import { matchesCheck } from '@/store/checks'
import { toAction } from '@/store/events'
import { fold } from '@/store/fold'
import { SnapshotAssembly, emptyReplica, toPlain, type Replica } from '@/store/replica'

interface Question {
  readonly parts: readonly SnapshotPart[]
  readonly batches: readonly (readonly Envelope[])[]
  readonly checks: readonly Check[]
}

function answer({ parts, batches, checks }: Question): unknown {
  let replica: Replica = emptyReplica()
  const assembly = new SnapshotAssembly()
  for (const part of parts) replica = assembly.add(part) ?? replica
  try {
    for (const batch of batches) replica = fold(replica, batch.map(toAction))
  } catch (error) {
    return { refused: String(error) }
  }
  return { ...toPlain(replica), drifted: checks.filter((check) => !matchesCheck(replica, check)) }
}

// Not by node:readline, which from Node 24 on ends a line at U+2028 too: JSON has it within its texts.
let rest = ''
process.stdin.setEncoding('utf8')
for await (const chunk of process.stdin) {
  const lines = (rest + String(chunk)).split('\n')
  rest = lines.pop() ?? ''
  for (const line of lines) process.stdout.write(`${JSON.stringify(answer(JSON.parse(line) as Question))}\n`)
}
