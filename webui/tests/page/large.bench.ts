/** How the page bears a large state while 500 events a second arrive. It prints figures; nothing here can fail. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'

import { Scene } from './scene'

const SIZE = (process.env['SIZE'] ?? '10000 100000 20000').split(' ') as [string, string, string]
const RATE = 500
const SECONDS = Number(process.env['SECONDS'] ?? 4)
/** Where to put a profile of the page's thread for each measurement, for Chromium's own tools to open. */
const PROFILES = process.env['PROFILES']

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
  await cdp.send('Network.enable')
  let received = 0
  cdp.on('Network.dataReceived', ({ dataLength }) => (received += dataLength))

  await page.addInitScript(watchLongTasks)
  const processes = await spent()
  const profile = await profiled(cdp)
  const trace = await traced(page)
  await page.goto(scene.url, { waitUntil: 'commit' })
  await page.locator('[data-phase="live"]').waitFor({ timeout: 300_000 })
  await page.locator('[role=listitem] button').nth(2).waitFor()
  const open = await page.evaluate(async () => {
    await new Promise((done) => requestAnimationFrame(done))
    return { took: performance.now(), tasks: [...window.longTasks] }
  })
  const busy = (await work(cdp)).task
  const processesAfter = await spent()
  const own = await trace('opening')
  await profile('opening')
  say(`  the snapshot               ${(received / 1e6).toFixed(0)} MB, with the page's own files and the first events`)
  say(`  open to usable             ${(open.took / 1_000).toFixed(2)} s   (main thread busy for ${busy.toFixed(2)} s)`)
  say(`  the longest task of it     ${inTasks(open.tasks, own)}`)
  say(`                             CPU seconds: ${inWords(processes, processesAfter)}`)

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
  await measured('going from list to list', page, cdp, async () => {
    const end = Date.now() + SECONDS * 1_000
    while (Date.now() < end) for (const key of ['1', '2', '3']) await page.keyboard.press(key, { delay: 150 })
  })
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
  const profile = await profiled(cdp)
  const trace = await traced(page)
  const processes = await spent()
  const seq = await page.evaluate(startCounting)
  const before = await work(cdp)
  await act()
  const after = await work(cdp)
  const { frames, seconds, worst, tasks, seqNow } = await page.evaluate(stopCounting)
  const processesAfter = await spent()
  const own = await trace(name.replaceAll(' ', '-'))
  await profile(name.replaceAll(' ', '-'))
  const rate = (seqNow - seq) / seconds
  const share = (part: keyof Work) => `${(((after[part] - before[part]) / seconds) * 100).toFixed(0)} %`
  say(
    `  ${name.padEnd(26)} ${(frames / seconds).toFixed(1)} frames/s, longest gap ${worst.toFixed(0)} ms; ` +
      `longest task ${inTasks(tasks, own)}; ${rate.toFixed(0)} events/s`,
  )
  say(
    `                             main thread busy ${share('task')} by its own clock ` +
      `(scripts ${share('script')}, styles ${share('style')}, layout ${share('layout')}); ` +
      `CPU seconds in ${seconds.toFixed(1)} s: ${inWords(processes, processesAfter)}`,
  )
}

/** Of the tasks of the page's thread, as long as they took and as long as the thread itself ran meanwhile. */
function inTasks(took: readonly number[], ran: readonly number[]): string {
  const longest = (tasks: readonly number[]) => Math.max(0, ...tasks).toFixed(0)
  const long = (tasks: readonly number[]) => tasks.filter((ms) => ms > 50).length
  return (
    `${longest(took)} ms, ${long(took)} over 50 ms ` +
    `(by the thread's own clock ${longest(ran)} ms, ${long(ran)} over 50 ms)`
  )
}

interface Work {
  readonly task: number
  readonly script: number
  readonly style: number
  readonly layout: number
}

/** Seconds of the main thread's own time: other programs on the machine do not count. */
async function work(cdp: CDPSession): Promise<Work> {
  const { metrics } = await cdp.send('Performance.getMetrics')
  const seconds = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? 0
  return {
    task: seconds('TaskDuration'),
    script: seconds('ScriptDuration'),
    style: seconds('RecalcStyleDuration'),
    layout: seconds('LayoutDuration'),
  }
}

/** What every process has used of the processors: the page shares them with those that feed, draw and drive it. */
type Spent = ReadonlyMap<string, number>

async function spent(): Promise<Spent> {
  const { user, system } = process.cpuUsage()
  return new Map([
    ...(await scene.browserSpent()),
    ['events and server', cpuOf(scene.pid)],
    ['driver', (user + system) / 1e6],
  ])
}

function inWords(before: Spent, after: Spent): string {
  return [...after]
    .map(([name, seconds]) => [name, seconds - (before.get(name) ?? 0)] as const)
    .filter(([, seconds]) => seconds >= 0.01)
    .map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`)
    .join(', ')
}

/** Seconds that a process has run, as Linux counts them, in hundredths. */
function cpuOf(pid: number): number {
  const [, fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const [user, system] = fields!.split(' ').slice(11, 13)
  return (Number(user) + Number(system)) / 100
}

/** Watches the tasks of the page's thread: how long each of them ran, by the thread's own clock, which stands while others run. */
async function traced(page: Page): Promise<(name: string) => Promise<number[]>> {
  const browser = page.context().browser()!
  await browser.startTracing(page, { categories: ['__metadata', 'toplevel', 'devtools.timeline', 'v8'] })
  return async (name) => {
    const trace = await browser.stopTracing()
    if (PROFILES !== undefined) await writeFile(join(PROFILES, `${name}.trace.json`), trace)
    const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }
    const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
    return traceEvents
      .filter(({ name, pid, tid }) => name === TASK && mains.some((main) => main.pid === pid && main.tid === tid))
      .map(({ tdur }) => (tdur ?? 0) / 1_000)
  }
}

const TASK = 'ThreadControllerImpl::RunTask'

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** Microseconds of its thread's own time. */
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

async function profiled(cdp: CDPSession): Promise<(name: string) => Promise<void>> {
  if (PROFILES === undefined) return () => Promise.resolve()
  await cdp.send('Profiler.enable')
  await cdp.send('Profiler.start')
  return async (name) => {
    const { profile } = await cdp.send('Profiler.stop')
    await writeFile(join(PROFILES, `${name}.cpuprofile`), JSON.stringify(profile))
  }
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

function startCounting(): number {
  const { seq } = window.switchboard.state()
  window.longTasks.length = 0
  const counting: Window['counting'] = { frames: [performance.now()], on: true, from: performance.now() }
  window.counting = counting
  const frame = (now: number) => {
    counting.frames.push(now)
    if (counting.on) requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  return seq
}

function stopCounting() {
  const { counting } = window
  counting.on = false
  const gaps = counting.frames.slice(1).map((now, index) => now - counting.frames[index]!)
  const seconds = (performance.now() - counting.from) / 1_000
  return {
    frames: gaps.length,
    seconds,
    worst: Math.max(...gaps),
    tasks: [...window.longTasks],
    seqNow: window.switchboard.state().seq,
  }
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
