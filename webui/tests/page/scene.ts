/** The page on a stage: a made-up day without a system behind it, under the api's own security policy. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import type { Browser } from 'playwright-core'

import type { Role } from '../../src/contract/enums'
import { KeptWindow, launch, type Look, newPage, type Opened, phase } from './look'
import { PYTHON, ROOT } from './root'

export class Scene {
  readonly #stage: ChildProcess
  readonly #browser: Browser
  readonly url: string
  readonly #window: KeptWindow

  private constructor(stage: ChildProcess, browser: Browser, url: string) {
    this.#stage = stage
    this.#browser = browser
    this.#window = new KeptWindow(browser)
    this.url = url
  }

  static async open(...options: string[]): Promise<Scene> {
    const browser = await launch()
    const stage = spawn(PYTHON, ['-m', 'webui.tools.scene', '--port', '0', ...options], { cwd: ROOT })
    const [line] = (await once(createInterface({ input: stage.stdout }), 'line')) as [string]
    return new Scene(stage, browser, line.split(' ')[0]!)
  }

  /** The process that the stage runs in. */
  get pid(): number {
    return this.#stage.pid!
  }

  /** Seconds that each kind of the browser's processes has used. */
  async browserSpent(): Promise<Map<string, number>> {
    const cdp = await this.#browser.newBrowserCDPSession()
    const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
    await cdp.detach()
    const seconds = new Map<string, number>()
    for (const { type, cpuTime } of processInfo) seconds.set(type, (seconds.get(type) ?? 0) + cpuTime)
    return seconds
  }

  /** A page that has not gone anywhere yet. */
  blank(look: Look = {}): Promise<Opened> {
    return newPage(this.#browser, look)
  }

  /** A page that is live. */
  async page(look: Look = {}): Promise<Opened> {
    const opened = await this.blank(look)
    await opened.page.goto(this.url)
    await phase(opened.page, 'live').waitFor()
    return opened
  }

  /** A page that is live, and knows as little as a new one, in the window of the last look, if it was the same. */
  async pageAnew(look: Look = {}): Promise<Opened> {
    const opened = await this.#window.anew(look)
    await opened.page.goto(this.url)
    await phase(opened.page, 'live').waitFor()
    return opened
  }

  /** A page that is live, in the eyes of somebody of this role. */
  async pageAs(role: Role, look: Look = {}): Promise<Opened> {
    const opened = await this.blank(look)
    await opened.page.route('**/api/session', (route) =>
      route.fulfill({ json: { actor: 'operator:vera', role, by: 'password' } }),
    )
    await opened.page.goto(this.url)
    await phase(opened.page, 'live').waitFor()
    return opened
  }

  /** A page whose requests to these paths are answered as `answer` says: `null` lets them wait for ever. */
  async pageWith(look: Look, path: string, status: number | null): Promise<Opened> {
    const opened = await newPage(this.#browser, look)
    await opened.page.route(`**${path}*`, (route) =>
      status === null ? new Promise<void>(() => undefined) : route.fulfill({ status }),
    )
    await opened.page.goto(this.url)
    return opened
  }

  async close(): Promise<void> {
    await this.#browser.close()
    this.#stage.kill()
  }
}
