/** The whole product on the simulated Steam, in a process that can be killed and started again. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

import { createParser } from 'eventsource-parser'
import type { Browser } from 'playwright-core'

import type { CommandKind, Commands } from '../../src/contract/commands'
import type { SnapshotPart } from '../../src/contract/tables'
import type { Plain } from '../../src/store/replica'
import { type Look, newPage, type Opened, phase } from './look'
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

  /** The product without bots, with these plugins of a folder of tests/fixtures beside what it cannot do without. */
  static async withPlugins(folder: string, ...plugins: string[]): Promise<Demo> {
    const demo = new Demo(await mkdtemp(join(tmpdir(), 'switchboard-')), [])
    const config = join(demo.#data, 'switchboard.toml')
    const listed = JSON.stringify(['journal', 'contact_policy', 'team', ...plugins, 'api'])
    const fixtures = JSON.stringify(resolve(ROOT, 'tests', 'fixtures', folder))
    await writeFile(config, `[kernel]\nplugin_folder = ${fixtures}\nplugins = ${listed}\n[api]\nport = 0\n`)
    await demo.#serve(['run', '--config', config], /listening on (http:\/\/\S+)/)
    return demo
  }

  /** Start it, at the same address as before. Returns when it serves. */
  async start(): Promise<void> {
    const port = new URL(this.url || 'http://127.0.0.1:0').port || '0'
    await this.#serve(['demo', '--port', port, '--plain', ...this.#options], /Sign in: +(http:\/\/[^/]+)\//)
  }

  async #serve(command: readonly string[], address: RegExp): Promise<void> {
    const process = spawn(PYTHON, ['-m', 'kernel', ...command, '--data', this.#data], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = process
    const said: string[] = []
    const served = new Promise<string>((found, failed) => {
      const read = (line: string) => {
        said.push(line)
        const told = address.exec(line)
        if (told !== null) found(told[1]!)
      }
      // to the end: what it says later is nobody's, but the pipes must not fill
      for (const input of [process.stdout, process.stderr]) createInterface({ input }).on('line', read)
      process.once('exit', () => failed(new Error(`it did not start:\n${said.join('\n')}`)))
    })
    this.url = await served
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
  async signIn(browser: Browser, name: string, look: Look = {}): Promise<Opened> {
    const opened = await newPage(browser, look)
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
  command<K extends CommandKind>(kind: K, payload: Commands[K]): Promise<void> {
    return this.give(kind, payload)
  }

  /** The same for a command of a plugin's own. */
  async give(kind: string, payload: object): Promise<void> {
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
