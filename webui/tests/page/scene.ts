/** The page in a real browser, on a stage with the api's own security policy. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { type Browser, chromium, type Page } from 'playwright-core'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PYTHON = process.env['PYTHON'] ?? '.venv/bin/python'
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

export interface Look {
  readonly width?: number
  readonly dark?: boolean
  readonly language?: 'en-US' | 'ru-RU'
}

export class Scene {
  readonly #stage: ChildProcess
  readonly #browser: Browser
  readonly url: string

  private constructor(stage: ChildProcess, browser: Browser, url: string) {
    this.#stage = stage
    this.#browser = browser
    this.url = url
  }

  static async open(...options: string[]): Promise<Scene> {
    if (!existsSync(CHROMIUM)) throw new Error(`there is no ${CHROMIUM}: name a Chromium in CHROMIUM`)
    const stage = spawn(PYTHON, ['-m', 'webui.tools.scene', '--port', '0', ...options], { cwd: ROOT })
    const [line] = (await once(createInterface({ input: stage.stdout }), 'line')) as [string]
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    })
    return new Scene(stage, browser, line.split(' ')[0]!)
  }

  /** A page that is live, and what its console complained of. */
  async page({ width = 1280, dark = false, language = 'en-US' }: Look = {}): Promise<{ page: Page; said: string[] }> {
    const context = await this.#browser.newContext({
      viewport: { width, height: 800 },
      colorScheme: dark ? 'dark' : 'light',
      locale: language,
    })
    const page = await context.newPage()
    const said: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') said.push(message.text())
    })
    page.on('pageerror', (error) => said.push(error.message))
    await page.goto(this.url)
    await page.locator('[data-phase="live"]').waitFor()
    return { page, said }
  }

  async close(): Promise<void> {
    await this.#browser.close()
    this.#stage.kill()
  }
}
