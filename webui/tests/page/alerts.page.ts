/** Sound and notifications of the desktop in a real browser: that they are heard and shown, and not where they are off. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { Scene } from './scene'

let scene: Scene
beforeAll(async () => {
  scene = await Scene.open('--rate', '40') // players write all the time, to everybody
})
afterAll(() => scene.close())

interface Called {
  /** Tones that began while the page could be heard. */
  tones: number
  /** Notifications that the desktop said it has shown. */
  shown: Notification[]
}

declare global {
  interface Window {
    called: Called
  }
}

function listen(): void {
  const called: Called = { tones: 0, shown: [] }
  window.called = called
  const { start } = Object.getOwnPropertyDescriptors(AudioScheduledSourceNode.prototype)
  OscillatorNode.prototype.start = function (when?: number) {
    if (this.context.state === 'running') called.tones += 1
    start.value!.call(this, when)
  }
  const Real = window.Notification
  window.Notification = class extends Real {
    constructor(title: string, options?: NotificationOptions) {
      super(title, options)
      this.addEventListener('show', () => called.shown.push(this))
    }
  }
}

const tones = (page: Page) => page.evaluate(() => window.called.tones)
const notifications = (page: Page) => page.evaluate(() => window.called.shown.length)
const seq = (page: Page) => page.evaluate(() => window.switchboard.state().seq)

test('a player’s words in a chat that waits for me are heard and shown on the desktop, and one click leads there', async () => {
  const { page, said } = await scene.blank()
  await page.context().grantPermissions(['notifications'], { origin: scene.url })
  await page.addInitScript(listen)
  await page.goto(scene.url)
  await page.locator('[data-phase="live"]').waitFor()
  expect(await tones(page)).toBe(0) // nobody has touched the page yet: browsers keep it silent

  await page.getByRole('button', { name: /^Alerts/ }).click()
  await page.getByLabel('Notifications of the desktop').check()
  await page.keyboard.press('Escape')
  await expect.poll(() => tones(page)).toBeGreaterThan(0)
  await expect.poll(() => notifications(page)).toBeGreaterThan(0)

  const [title, body] = await page.evaluate(() => {
    const first = window.called.shown[0]!
    first.dispatchEvent(new Event('click'))
    return [first.title, first.body]
  })
  expect(body).not.toBe('')
  await page.locator('header').getByText(title).waitFor()

  await page.getByRole('button', { name: /^Alerts/ }).click()
  await page.getByLabel('Notifications of the desktop').uncheck()
  await page.getByLabel('A sound').uncheck()
  const before = [await tones(page), await notifications(page)]
  const from = await seq(page)
  await expect.poll(() => seq(page)).toBeGreaterThan(from + 200)
  expect([await tones(page), await notifications(page)]).toEqual(before)
  expect(said).toEqual([])
  await page.context().close()
})
