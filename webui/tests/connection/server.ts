/** An event stream that a test writes by hand. */
import type { Envelope } from '@/contract/events'
import type { Check, SnapshotPart } from '@/contract/tables'

export class FakeStream {
  readonly response: Response
  #controller!: ReadableStreamDefaultController<Uint8Array>

  constructor(signal?: AbortSignal | null, headers: Record<string, string> = {}) {
    const body = new ReadableStream<Uint8Array>({ start: (controller) => (this.#controller = controller) })
    signal?.addEventListener('abort', () => this.#controller.error(signal.reason))
    this.response = new Response(body, { headers: { 'content-type': 'text/event-stream', ...headers } })
  }

  write(text: string): void {
    this.#controller.enqueue(new TextEncoder().encode(text))
  }

  snapshot(part: Partial<SnapshotPart> & { seq: number }): void {
    const whole = { ts: 1, part: 1, parts: 1, state: {}, ...part }
    this.write(`event: snapshot\nid: ${whole.seq}\ndata: ${JSON.stringify(whole)}\n\n`)
  }

  batch(...events: Envelope[]): void {
    this.write(`event: batch\ndata: ${JSON.stringify(events)}\n\n`)
  }

  checks(...checks: Check[]): void {
    this.write(`event: check\ndata: ${JSON.stringify(checks)}\n\n`)
  }

  end(): void {
    this.#controller.close()
  }
}

export function event(seq: number): Envelope {
  return { seq, ts: seq, actor: 'operator:anna', cause: null, kind: 'contact.paused', payload: { reason: null } }
}
