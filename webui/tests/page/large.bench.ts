/** How the page bears a large state while 500 events a second arrive. It prints figures; nothing here can fail. */
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'

import { Scene } from './scene'

const SIZE = (process.env['SIZE'] ?? '10000 100000 20000').split(' ') as [string, string, string]
const RATE = 500
const SECONDS = 4

let scene: Scene
beforeAll(async () => {
  const [bots, tasks, chats] = SIZE
  scene = await Scene.open('--bots', bots, '--tasks', tasks, '--chats', chats, '--rate', `${RATE}`)
})
afterAll(() => scene.close())

test('the page with a large state', async () => {
  const [bots, tasks, chats] = SIZE
  say(`${bots} bots, ${tasks} tasks, ${chats} chats, ${RATE} events a second; ${SECONDS} s for each measurement`)
  const { page } = await scene.blank()
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })

  await page.addInitScript(watchLongTasks)
  await page.goto(scene.url, { waitUntil: 'commit' })
  await page.locator('[data-phase="live"]').waitFor({ timeout: 300_000 })
  await page.locator('[role=listitem] button').nth(2).waitFor()
  const open = await page.evaluate(async () => {
    await new Promise((done) => requestAnimationFrame(done))
    return { took: performance.now(), tasks: [...window.longTasks] }
  })
  const busy = (await cpu(cdp)).task
  say(`  open to usable             ${(open.took / 1_000).toFixed(2)} s   (main thread busy for ${busy.toFixed(2)} s)`)
  say(`  the longest task of it     ${Math.max(0, ...open.tasks).toFixed(0)} ms   (${open.tasks.length} over 50 ms)`)

  for (const [key, name] of [
    ['1', 'chats'],
    ['2', 'tasks'],
    ['3', 'bots'],
  ] as const) {
    await page.keyboard.press(key)
    await page.locator('[role=listitem] button').nth(2).waitFor()
    await unfold(page)
    await measured(`scrolling the ${name}`, page, cdp, () => page.evaluate(scroll, SECONDS))
  }
  await page.keyboard.press('1')
  await page.locator('[role=listitem] button').filter({ hasText: 'leads' }).first().click()
  await page.locator('textarea').focus()
  await measured('typing in a chat', page, cdp, async () => {
    const end = Date.now() + SECONDS * 1_000
    while (Date.now() < end) await page.keyboard.press('a', { delay: 40 })
  })
  await page.keyboard.press('Escape')
  await page.keyboard.press('/')
  await measured('searching the chats', page, cdp, async () => {
    const end = Date.now() + SECONDS * 1_000
    while (Date.now() < end) {
      await page.keyboard.press('d', { delay: 150 })
      await page.keyboard.press('Backspace', { delay: 150 })
    }
  })
  const size = await page.evaluate(() => JSON.stringify(window.switchboard.state()).length)
  say(`  the state as JSON          ${(size / 1e6).toFixed(0)} million characters`)
})

async function measured(name: string, page: Page, cdp: CDPSession, act: () => Promise<unknown>): Promise<void> {
  const seq = await seqOf(page)
  await page.evaluate(startCounting)
  const before = await cpu(cdp)
  await act()
  const after = await cpu(cdp)
  const { frames, seconds, worst, tasks } = await page.evaluate(stopCounting)
  const rate = ((await seqOf(page)) - seq) / seconds
  const share = ((after.task - before.task) / seconds) * 100
  say(
    `  ${name.padEnd(26)} ${(frames / seconds).toFixed(1)} frames/s   (longest gap ${worst.toFixed(0)} ms; ` +
      `${tasks.length} tasks over 50 ms, longest ${Math.max(0, ...tasks).toFixed(0)} ms; ` +
      `${rate.toFixed(0)} events/s; main thread busy ${share.toFixed(0)} % by its own clock)`,
  )
}

const seqOf = (page: Page) => page.evaluate(() => window.switchboard.state().seq)

/** Seconds of the main thread's own time: other programs on the machine do not count. */
async function cpu(cdp: CDPSession): Promise<{ readonly task: number }> {
  const { metrics } = await cdp.send('Performance.getMetrics')
  return { task: metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0 }
}

async function unfold(page: Page): Promise<void> {
  const folded = page.locator('[role=listitem] button[aria-expanded=false]')
  while ((await folded.count()) > 0) await folded.first().click()
}

declare global {
  interface Window {
    longTasks: number[]
    counting: { frames: number[]; on: boolean; from: number }
  }
}

function watchLongTasks(): void {
  window.longTasks = []
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longTasks.push(duration)
  }).observe({ type: 'longtask', buffered: true })
}

function startCounting(): void {
  window.longTasks.length = 0
  const counting: Window['counting'] = { frames: [performance.now()], on: true, from: performance.now() }
  window.counting = counting
  const frame = (now: number) => {
    counting.frames.push(now)
    if (counting.on) requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
}

function stopCounting() {
  const { counting } = window
  counting.on = false
  const gaps = counting.frames.slice(1).map((now, index) => now - counting.frames[index]!)
  const seconds = (performance.now() - counting.from) / 1_000
  return { frames: gaps.length, seconds, worst: Math.max(...gaps), tasks: [...window.longTasks] }
}

/** A screen every six frames, to the end and back. */
async function scroll(seconds: number): Promise<void> {
  const list = document.querySelector('[role=list]')!
  const end = performance.now() + seconds * 1_000
  let step = list.clientHeight / 6
  while (performance.now() < end) {
    await new Promise((done) => requestAnimationFrame(done))
    const before = list.scrollTop
    list.scrollTop += step
    if (list.scrollTop === before) step = -step
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
