/** The whole product on the simulated Steam, in a process that can be killed and started again. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

import { createParser } from 'eventsource-parser'
import type { Browser } from 'playwright-core'

import type { CommandKind, Commands } from '../../src/contract/commands'
import type { SnapshotPart } from '../../src/contract/tables'
import type { Plain } from '../../src/store/replica'
import { newPage, type Opened, phase } from './look'
import { PYTHON, ROOT } from './root'

const run = promisify(execFile)

export interface SimulatedPlayer {
  readonly steamId64: string
  readonly temperament: string
}

export class Demo {
  readonly #data: string
  readonly #options: readonly string[]
  readonly #tokens = new Map<string, string>()
  #process: ChildProcess | undefined
  url = ''

  private constructor(data: string, options: readonly string[]) {
    this.#data = data
    this.#options = options
  }

  static async start(...options: string[]): Promise<Demo> {
    const demo = new Demo(await mkdtemp(join(tmpdir(), 'switchboard-')), options)
    await demo.start()
    return demo
  }

  /** Start it, at the same address as before. Returns when it serves. */
  async start(): Promise<void> {
    const port = new URL(this.url || 'http://127.0.0.1:0').port || '0'
    const process = spawn(
      PYTHON,
      ['-m', 'kernel', 'demo', '--data', this.#data, '--port', port, '--plain', ...this.#options],
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    this.#process = process
    const said: string[] = []
    createInterface({ input: process.stderr }).on('line', (line) => said.push(line))
    for await (const line of createInterface({ input: process.stdout })) {
      said.push(line)
      const found = /Sign in: +(http:\/\/[^/]+)\//.exec(line)
      if (found === null) continue
      this.url = found[1]!
      process.stdout.resume() // what it says later is nobody's, but the pipe must not fill
      return
    }
    throw new Error(`the demonstration did not start:\n${said.join('\n')}`)
  }

  /** No good order at all: `kill -9`. */
  async kill(): Promise<void> {
    const process = this.#process!
    if (process.exitCode !== null || process.signalCode !== null) return
    const ended = once(process, 'exit')
    process.kill('SIGKILL')
    await ended
  }

  async close(): Promise<void> {
    await this.kill()
    await rm(this.#data, { recursive: true })
  }

  async players(): Promise<readonly SimulatedPlayer[]> {
    const ready = JSON.parse(await readFile(join(this.#data, 'steam', 'ready.json'), 'utf8')) as {
      players: SimulatedPlayer[]
    }
    return ready.players
  }

  /** The page in a browser of this operator's own. */
  async signIn(browser: Browser, name: string): Promise<Opened> {
    const opened = await newPage(browser)
    await opened.page.goto(`${this.url}/sign-in?token=${await this.#token(name)}`)
    await phase(opened.page, 'live').waitFor()
    return opened
  }

  /** The one-time link of a new operator, as whoever runs the system would hand it over. */
  async invite(name: string, role: string): Promise<string> {
    const made = await run(PYTHON, ['-m', 'kernel', 'operator', 'add', name, '--role', role, '--data', this.#data], {
      cwd: ROOT,
    })
    return made.stdout.trim()
  }

  /** Give a command past the page. */
  async command<K extends CommandKind>(kind: K, payload: Commands[K]): Promise<void> {
    const response = await fetch(`${this.url}/api/command`, {
      method: 'POST',
      headers: await this.#headers(),
      body: JSON.stringify({ kind, payload }),
    })
    if (!response.ok) throw new Error(`${kind}: ${await response.text()}`)
  }

  /** The server's own state, as a new snapshot tells it. */
  async state(): Promise<Plain> {
    const reading = new AbortController()
    const response = await fetch(`${this.url}/api/event-stream`, {
      headers: await this.#headers(),
      signal: reading.signal,
    })
    const parts: SnapshotPart[] = []
    const parser = createParser({ onEvent: ({ data }) => parts.push(JSON.parse(data) as SnapshotPart) })
    const text = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    while (parts.length === 0 || parts.length < parts[0]!.parts) parser.feed((await text.read()).value ?? '')
    reading.abort()
    return assembled(parts.slice(0, parts[0]!.parts))
  }

  async #headers(): Promise<Record<string, string>> {
    return { authorization: `Bearer ${await this.#token('script')}`, 'content-type': 'application/json' }
  }

  async #token(name: string): Promise<string> {
    const known = this.#tokens.get(name)
    if (known !== undefined) return known
    const made = await run(PYTHON, ['-m', 'kernel', 'token', 'create', name, '--data', this.#data], { cwd: ROOT })
    const token = made.stdout.trim()
    this.#tokens.set(name, token)
    return token
  }
}

function assembled(parts: readonly SnapshotPart[]): Plain {
  const tables: Record<string, unknown[]> = {}
  for (const { state } of parts) {
    for (const [name, rows] of Object.entries(state)) (tables[name] ??= []).push(...rows)
  }
  return { seq: parts[0]!.seq, ts: parts[0]!.ts, tables: tables as unknown as Plain['tables'] }
}
