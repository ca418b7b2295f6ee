/** A real browser, and a page in it that tells what its console complained of. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import type { AxeResults } from 'axe-core'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Milliseconds that the browser is waited for, with whatever it does: see vitest.page.config.ts. */
const PATIENCE_MS = 60_000

export interface Look {
  readonly width?: number
  readonly dark?: boolean
  readonly language?: 'en-US' | 'ru-RU'
}

export interface Opened {
  readonly page: Page
  readonly said: string[]
  /** It stays open: the next look at its stage begins in it. */
  readonly kept?: boolean
}

export async function launch(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`there is no ${CHROMIUM}: name a Chromium in CHROMIUM`)
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
}

/** A browser of its own as far as the page can tell: own cookies, own storage. */
export async function newPage(browser: Browser, { width = 1280, dark = false, language = 'en-US' }: Look = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: dark ? 'dark' : 'light',
    locale: language,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const said: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') said.push(message.text())
  })
  page.on('pageerror', (error) => said.push(error.message))
  return { page, said } satisfies Opened
}

/**
 * A window for one screen after another: a new one each time and a first compilation of the page would cost more than
 * half of what a screen does. Only another look makes another window.
 */
export class KeptWindow {
  readonly #browser: Browser
  #kept: { readonly look: string; readonly opened: Opened } | undefined

  constructor(browser: Browser) {
    this.#browser = browser
  }

  /** The window with no page in it; a page in it will know as little as in a new one, but for cookies. */
  async anew(look: Look): Promise<Opened> {
    const opened = await this.#of(look)
    await opened.page.goto('about:blank')
    opened.said.length = 0
    await opened.page.mouse.move(0, 0)
    return opened
  }

  async #of(look: Look): Promise<Opened> {
    const wanted = JSON.stringify(look)
    if (this.#kept?.look === wanted) return this.#kept.opened
    await this.#kept?.opened.page.context().close()
    const opened: Opened = { ...(await newPage(this.#browser, look)), kept: true }
    await opened.page.addInitScript(() => {
      if (location.protocol === 'about:') return // has no storage
      localStorage.clear()
      sessionStorage.clear()
    })
    this.#kept = { look: wanted, opened }
    return opened
  }
}

export const phase = (page: Page, name: string) => page.locator(`[data-phase="${name}"]`)

/** Every rule of axe that the page as it stands breaks, and where. */
export async function violations(page: Page): Promise<string[]> {
  await atRest(page)
  await page.evaluate(AXE)
  const results = await page.evaluate(() =>
    (window as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }).axe.run({
      resultTypes: ['violations'], // the rest would only be counted: half of the time
    }),
  )
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

/** Windows open with a short transition, and half of a colour has half of its contrast: wait until nothing moves. */
export async function atRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    const moves = () =>
      document.getAnimations().some(({ effect }) => effect?.getComputedTiming().iterations !== Infinity)
    for (let still = 0; still < 5; still = moves() ? 0 : still + 1) await frame()
  })
}

/** The row of a chat or task with that player: by name, with the SteamID in its title, or by the SteamID. */
export function rowOf(page: Page, steamId64: string): Locator {
  const all = page.locator('[role=listitem] button')
  const named = all.filter({ has: page.locator(`[title="${steamId64}"]`) })
  return named.or(all.filter({ hasText: steamId64 })).first()
}
