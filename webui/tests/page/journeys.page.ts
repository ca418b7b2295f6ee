/** An operator's day against the simulated Steam: what must hold from the page to the player and back. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Chat, Message } from '../../src/contract/rows'
import { Demo, type SimulatedPlayer } from './demo'
import { launch, phase, rowOf } from './look'

const SPEED = 20

let demo: Demo
let browser: Browser
/** Players whom nobody has written to yet. The first is the demonstration's own. */
let players: SimulatedPlayer[]

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([
    Demo.start('--speed', `${SPEED}`, '--bots', '10', '--players', '80', '--tasks', '1'),
    launch(),
  ])
  players = (await demo.players()).slice(1)
})
afterAll(async () => {
  await browser.close()
  await demo.close()
})

const slow = () => players.filter(({ temperament }) => temperament === 'late')
const stateOf = (page: Page) => page.evaluate(() => window.switchboard.state())

function createTask(playerSteamId64: string): Promise<void> {
  return demo.command('CreateTask', {
    playerSteamId64: playerSteamId64 as never,
    item: 'Dragonclaw Hook',
    priceMin: '400.00',
    priceMax: '460.00',
    currency: 'USD',
    language: 'en',
  })
}

/** Whichever test comes first brings the player in. */
async function haveTask(player: string): Promise<void> {
  const { tables } = await demo.state()
  if (!tables.tasks.some(({ playerSteamId64 }) => playerSteamId64 === player)) await createTask(player)
}

async function chatWith(page: Page, player: string): Promise<Chat | undefined> {
  return (await stateOf(page)).tables.chats.find(({ playerSteamId64 }) => playerSteamId64 === player)
}

async function openChatWith(page: Page, player: string): Promise<void> {
  await page.keyboard.press('Escape') // out of the field that a take-over leads to
  await page.keyboard.press('1')
  await page.locator('[data-search]').fill(player)
  await rowOf(page, player).click()
  await page.keyboard.press('Escape')
}

test('a task is followed from its creation to its outcome', async () => {
  const { page, said } = await demo.signIn(browser, 'anna')
  const { steamId64 } = players.find(({ temperament }) => temperament === 'eager')!
  const called = await desktopAlerts(page)
  await page.keyboard.press('2')
  await page.keyboard.press('n')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Player').fill(`https://steamcommunity.com/profiles/${steamId64}`)
  await dialog.getByLabel('Item').fill('Butterfly Knife')
  await dialog.getByLabel('Price from').fill('100,50')
  await dialog.getByLabel('to', { exact: true }).fill('120')
  await dialog.getByRole('button', { name: 'Create the task' }).click()

  const card = page.getByRole('complementary').getByRole('region', { name: 'Task' })
  await card.getByText('by anna').waitFor()
  await card.getByText('100.50 – 120 USD').waitFor()
  await card.getByText('Resolved', { exact: true }).waitFor()
  await card.getByText('Agreed price').waitFor()
  await expect.poll(called).toContain('Butterfly Knife: The price is agreed, and the trade is to be done.')

  await card.getByRole('button', { name: 'Open the chat' }).click()
  const log = page.getByRole('log')
  await log.getByText('automated').first().waitFor()
  await log.getByText('Thank you! Butterfly Knife for').waitFor()
  await page.getByText('This chat is closed').or(page.getByPlaceholder('This chat is closed')).first().waitFor()
  expect(said).toEqual([])
  await page.context().close()
})

/** Switches the desktop's notifications on. Returns what they have said so far. */
async function desktopAlerts(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const shown: string[] = []
    class Shown extends EventTarget {
      static readonly permission = 'granted'
      constructor(title: string, { body }: NotificationOptions) {
        super()
        shown.push(`${title}: ${body}`)
      }
    }
    Object.assign(window, { Notification: Shown, shown })
  })
  await page.getByRole('button', { name: /^Alerts/ }).click()
  await page.getByLabel('Notifications of the desktop').check()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' }) // no key acts before
  return () => page.evaluate(() => (window as unknown as { shown: string[] }).shown)
}

test('an operator takes a dialogue over in its midst, writes by hand, and gives it back', async () => {
  const { page, said } = await demo.signIn(browser, 'anna')
  const player = await takeOverInTheMidst(page)

  await page.keyboard.type('Hello, this is Anna. Still interested?')
  await page.keyboard.press('Enter')
  const mine = page.getByRole('log').locator('div[data-kind=person]').filter({ hasText: 'this is Anna' })
  await mine.getByRole('img', { name: 'Sent', exact: true }).waitFor()
  // The player answers, and it is the person who has to answer now.
  await expect.poll(async () => (await chatWith(page, player))!.messages.at(-1)!.from).toBe('player')
  const { messages: byHand } = (await chatWith(page, player))!
  const wrote = byHand.findIndex(({ author }) => author === 'operator:anna')
  expect(byHand.slice(wrote).filter(({ author }) => author.startsWith('agent:'))).toEqual([])

  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await page.getByRole('button', { name: 'Take over' }).waitFor()
  await expect
    .poll(async () => (await chatWith(page, player))!.messages.slice(byHand.length).map(({ author }) => author))
    .toContain('agent:scripted_agent')
  expect(said).toEqual([])
  await page.context().close()
})

/**
 * Returns the player: one who takes their time to answer. Each is brought in when the page is ready for them, and whose
 * dialogue has ended before it could be taken gives way to the next.
 */
async function takeOverInTheMidst(page: Page): Promise<string> {
  for (const { steamId64 } of slow()) {
    await createTask(steamId64)
    await openChatWith(page, steamId64)
    await page.keyboard.press('t')
    const closed = page.getByText('This chat is closed').or(page.getByPlaceholder('This chat is closed'))
    await page.getByRole('button', { name: 'Give back' }).or(closed).first().waitFor()
    const chat = (await chatWith(page, steamId64))!
    const answered = chat.messages.filter(({ from }) => from === 'player').length
    if (chat.status === 'open' && answered < 2) return steamId64
  }
  throw new Error('every dialogue had ended before it could be taken over')
}

test('a deal by hand is recorded outside the range, and traded', async () => {
  const { page, said } = await demo.signIn(browser, 'anna')
  const { steamId64 } = slow().at(-1)!
  await createTask(steamId64)
  await openChatWith(page, steamId64)
  await page.keyboard.press('t')
  await page.getByRole('button', { name: 'Give back' }).waitFor()
  const taskOf = async () =>
    (await stateOf(page)).tables.tasks.find((task) => task.playerSteamId64 === steamId64 && task.byHand)

  const task = page.getByRole('region', { name: 'Task' })
  await task.getByLabel('Agreed price').fill('470,50')
  await task.getByRole('button', { name: 'Deal anyway' }).click()
  await task.getByLabel('Trade offer (link or number)').fill('https://steamcommunity.com/tradeoffer/6123456789/')
  await task.getByRole('button', { name: 'Trade done' }).click()
  await task.getByRole('link', { name: '6123456789' }).waitFor()

  const { status, agreedPrice, deal } = (await taskOf())!
  expect([status, agreedPrice, deal?.stage, deal?.by]).toEqual(['resolved', '470.50', 'traded', 'operator:anna'])
  expect(said).toEqual([])
  await page.context().close()
})

test('two operators see the same to the last field, after 500 events that both had their hands in', async () => {
  const [anna, boris] = await Promise.all([demo.signIn(browser, 'anna'), demo.signIn(browser, 'boris')])
  const pages = [anna.page, boris.page]
  const before = (await stateOf(anna.page)).seq
  const silent = players.filter(({ temperament }) => temperament === 'silent').map(({ steamId64 }) => steamId64)
  for (const player of silent) await haveTask(player)
  for (const { steamId64 } of players.filter(({ temperament }) => temperament === 'talkative'))
    await createTask(steamId64)

  for (const [index, page] of pages.entries()) {
    await openChatWith(page, silent[index]!)
    await page.keyboard.press('r')
    await page.keyboard.type('From a person')
    await page.keyboard.press('Enter')
    await page.getByRole('log').getByText('From a person').waitFor()
  }
  for (const page of pages) {
    await expect.poll(async () => (await stateOf(page)).seq).toBeGreaterThan(before + 500)
  }
  await expectOneState(pages)
  const { tables } = await stateOf(boris.page)
  expect(tables.chats.filter(({ owner }) => owner === 'operator:anna').length).toBeGreaterThan(0)
  expect(tables.chats.filter(({ owner }) => owner === 'operator:boris').length).toBeGreaterThan(0)
  expect([...anna.said, ...boris.said]).toEqual([])
  await Promise.all(pages.map((page) => page.context().close()))
})

test('of two operators who take one chat in the same moment one has it, and both see who', async () => {
  const opened = await Promise.all([demo.signIn(browser, 'anna'), demo.signIn(browser, 'boris')])
  const pages = opened.map(({ page }) => page)
  const { steamId64 } = players.filter(({ temperament }) => temperament === 'silent')[3]!
  await haveTask(steamId64)
  for (const page of pages) await openChatWith(page, steamId64)
  const before = (await chatWith(pages[0]!, steamId64))!
  expect(before.agentEnabled).toBe(true)

  await Promise.all(pages.map((page) => page.keyboard.press('t')))
  await Promise.all(
    pages.map((page) =>
      page
        .getByRole('article')
        .getByText(/(You lead|(anna|boris) leads)/)
        .waitFor(),
    ),
  )
  await expectOneState(pages)
  const chat = (await chatWith(pages[0]!, steamId64))!
  expect(['operator:anna', 'operator:boris']).toContain(chat.owner)
  expect(chat.epoch, 'it was taken once').toBe(before.epoch + 1)
  const says = () => Promise.all(pages.map((page) => page.getByRole('article').getByText('You lead').count()))
  await expect.poll(says).toEqual(chat.owner === 'operator:anna' ? [1, 0] : [0, 1])
  await Promise.all(pages.map((page) => page.context().close()))
})

/** Runs of the race: more with RACES=…. */
const RACES = Number(process.env['RACES'] ?? 3)
/** What the slower one is told: that a colleague was first, or has it already. */
const HAS = /took this chat first|(anna|boris) leads this chat\./

test('of two operators who take one chat and go on typing, one reaches the player and the other keeps their words', async () => {
  const opened = await Promise.all([demo.signIn(browser, 'anna'), demo.signIn(browser, 'boris')])
  const pages = opened.map(({ page }) => page)
  const { steamId64 } = players.filter(({ temperament }) => temperament === 'silent')[1]!
  await haveTask(steamId64)
  for (const page of pages) await openChatWith(page, steamId64)
  // who has it from another test gives it back
  for (const page of pages) await page.keyboard.press('g')
  for (let race = 1; race <= RACES; race += 1) {
    await expect.poll(async () => (await chatWith(pages[0]!, steamId64))?.agentEnabled).toBe(true)
    const words = `hi there friend ${race}`
    await Promise.all(
      pages.map(async (page) => {
        await page.keyboard.press('t')
        await page.keyboard.type(words)
        await page.keyboard.press('Enter')
      }),
    )
    const said = async () =>
      (await chatWith(pages[0]!, steamId64))!.messages.filter(({ text }) => text === words).map(({ author }) => author)
    await expect.poll(said).toHaveLength(1)
    const [author] = await said()
    const winner = pages[author === 'operator:anna' ? 0 : 1]!
    const loser = pages[author === 'operator:anna' ? 1 : 0]!
    await loser.getByRole('status').getByText(HAS).waitFor()
    await expect.poll(() => loser.locator('textarea').inputValue()).toBe(words)
    expect(await loser.getByRole('dialog').count()).toBe(0)
    await loser.keyboard.press('Enter') // pressed once more, it goes nowhere either
    await loser.locator('textarea').fill('')
    await winner.keyboard.press('Escape')
    await loser.keyboard.press('Escape')
    await winner.keyboard.press('g')
    await loser.getByRole('status').getByText(HAS).waitFor({ state: 'detached' })
    expect(await said()).toEqual([author])
  }
  expect(opened.flatMap(({ said }) => said).filter((line) => !line.includes('409'))).toEqual([])
  await Promise.all(pages.map((page) => page.context().close()))
})

test('five chats that are taken over while the agent writes are five that wait', async () => {
  const { page } = await demo.signIn(browser, 'anna')
  const { tables } = await demo.state()
  const known = new Set(tables.tasks.map(({ playerSteamId64 }) => playerSteamId64 as string))
  const talking = ['late', 'haggler', 'talkative', 'skeptic', 'eager']
  const free = players.filter((player) => talking.includes(player.temperament) && !known.has(player.steamId64))
  for (const { steamId64 } of free.slice(0, 16)) await createTask(steamId64)
  const ofFree = async () => {
    const { chats } = (await demo.state()).tables
    return chats.filter(
      (chat) => free.some(({ steamId64 }) => steamId64 === chat.playerSteamId64) && chat.status === 'open',
    )
  }
  const greeted = async () =>
    (await ofFree()).filter(({ messages }) => messages.some(({ delivery }) => delivery === 'sent'))
  await expect.poll(async () => (await greeted()).length).toBeGreaterThanOrEqual(6)
  // while contact rests the players go on answering, and the agent's lines are written and not sent
  await demo.command('PauseContact', {})
  const heard = async () => (await ofFree()).filter(({ messages }) => messages.findLast(isSaid)?.from === 'player')
  await expect.poll(async () => (await heard()).length).toBeGreaterThanOrEqual(5)
  const five = (await heard()).slice(0, 5)
  for (const { playerSteamId64 } of five) {
    await openChatWith(page, playerSteamId64)
    await page.keyboard.press('t')
    await page.getByRole('button', { name: 'Give back' }).waitFor()
  }
  await demo.command('ResumeContact', {})
  await page.keyboard.press('Escape')
  await page.locator('[data-search]').fill('')
  const rows = page.locator('[role=listitem]').filter({ hasText: 'You lead' })
  const chips = () =>
    rows.evaluateAll((all) => all.map((row) => row.querySelector('[data-need]')?.getAttribute('data-need')))
  await expect.poll(chips).toEqual(Array.from(five, () => 'waits'))
  await page.context().close()
})

/** Was it said to the other side, as far as anybody knows? */
function isSaid({ delivery }: Message): boolean {
  return delivery === null || delivery === 'sent'
}

test('a chat is put off until its player writes, handed to a colleague with a note, and calls them', async () => {
  const [anna, boris] = await Promise.all([demo.signIn(browser, 'anna'), demo.signIn(browser, 'boris')])
  const { steamId64 } = players.find(({ temperament }) => temperament === 'silent')!
  const called = await desktopAlerts(boris.page)
  await haveTask(steamId64)
  await openChatWith(anna.page, steamId64)
  await anna.page.keyboard.press('t')
  await anna.page.getByRole('button', { name: 'Give back' }).waitFor()
  await anna.page.keyboard.press('Escape')
  await anna.page.keyboard.press('z')
  await anna.page.getByRole('menuitem', { name: 'For an hour' }).click()
  await anna.page.getByRole('status').getByText('Put off by anna until').waitFor()
  await anna.page.getByRole('button', { name: 'Take it up now' }).click()

  await anna.page.keyboard.press('a')
  await anna.page.getByLabel('To whom').selectOption({ label: 'boris' })
  await anna.page.getByLabel('A note for them').fill('Up to 430 is fine')
  await anna.page.getByRole('button', { name: 'Hand it over' }).click()
  await expect.poll(async () => (await chatWith(anna.page, steamId64))?.owner).toBe('operator:boris')
  await expect.poll(called).toContain('Dragonclaw Hook: A colleague has handed this chat over to you.')
  const row = rowOf(boris.page, steamId64)
  await boris.page.locator('[data-search]').fill(steamId64)
  await row.click()
  await boris.page.getByRole('region', { name: 'Notes' }).getByText('Up to 430 is fine').waitFor()
  await expect.poll(async () => (await chatWith(boris.page, steamId64))?.mentions).toEqual([])
  expect([...anna.said, ...boris.said]).toEqual([])
  await Promise.all([anna, boris].map(({ page }) => page.context().close()))
})

test('words whose answer got lost reach the player once, though they are sent again', async () => {
  const { page } = await demo.signIn(browser, 'anna')
  const { steamId64 } = players.filter(({ temperament }) => temperament === 'silent')[3]!
  await haveTask(steamId64)
  await openChatWith(page, steamId64)
  let lost = 0
  await page.route('**/api/command', async (route) => {
    await route.fetch() // the server has it
    await route.abort('connectionreset')
    lost += 1
  })
  await write(page, 'Is anybody there?')
  await page.getByRole('alert').getByText('The server did not answer').waitFor()
  expect(lost).toBe(3)

  await page.unroute('**/api/command')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('textarea').inputValue()).toBe('')
  await page.getByRole('alert').waitFor({ state: 'detached' })
  await expectOneState([page])
  const chat = (await chatWith(page, steamId64))!
  expect(chat.messages.filter(({ text }) => text === 'Is anybody there?').length).toBe(1)
  await page.context().close()
})

test('a page stays open over a server that is killed: stale, then as the server is, nothing lost or doubled', async () => {
  const { page } = await demo.signIn(browser, 'anna')
  const [, , player] = players.filter(({ temperament }) => temperament === 'silent')
  for (const { steamId64 } of players.filter(({ temperament }) => temperament === 'skeptic')) await haveTask(steamId64)
  await haveTask(player!.steamId64)
  await openChatWith(page, player!.steamId64)
  await write(page, 'Before the fall')
  await page.getByRole('log').getByText('Before the fall').waitFor()
  const seen = await stateOf(page)

  await demo.kill()
  await phase(page, 'stale').waitFor()
  await phase(page, 'stale').getByText('Stale since').waitFor()
  await page.getByRole('log').getByText('Before the fall').waitFor() // what was known stays in sight
  await write(page, 'Into the silence')
  await page.getByRole('alert').getByText('The server did not answer').waitFor()
  expect(await page.locator('textarea').inputValue()).toBe('Into the silence')

  await demo.start()
  await phase(page, 'live').waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('log').getByText('Into the silence').waitFor()
  await expectOneState([page])

  const { tables } = await stateOf(page)
  const kept = new Map(tables.chats.map((chat) => [chat.id, chat.messages.map(({ id }) => id)]))
  for (const chat of seen.tables.chats) {
    expect(kept.get(chat.id)).toEqual(expect.arrayContaining(chat.messages.map(({ id }) => id)))
  }
  const all = [...kept.values()].flat()
  expect(new Set(all).size).toBe(all.length)
  const { messages } = tables.chats.find(({ playerSteamId64 }) => playerSteamId64 === player!.steamId64)!
  expect(messages.filter(({ author }) => author === 'operator:anna').map(({ text }) => text)).toEqual([
    'Before the fall',
    'Into the silence',
  ])
  await page.context().close()
})

async function write(page: Page, text: string): Promise<void> {
  await page.locator('textarea').fill(text)
  await page.locator('textarea').press('Enter')
}

/**
 * Each of the pages comes to stand at the very state that the server hands to a new one. Contact rests meanwhile: while
 * players go on talking, two readings are hardly ever of one moment, and on a busy machine never.
 */
async function expectOneState(pages: readonly Page[]): Promise<void> {
  await demo.command('PauseContact', {})
  try {
    await expectOneStateAtRest(pages)
  } finally {
    await demo.command('ResumeContact', {})
  }
}

async function expectOneStateAtRest(pages: readonly Page[]): Promise<void> {
  let server = await demo.state()
  let copies = [server]
  const atOneEvent = async () => {
    copies = await Promise.all(pages.map(stateOf))
    server = await demo.state()
    return copies.every(({ seq }) => seq === server.seq)
  }
  await expect.poll(atOneEvent).toBe(true)
  for (const copy of copies) expect(copy).toEqual(server)
}

test('a line whose answer gets lost three times, and again after a reload, is with the player once', async () => {
  const { page } = await demo.signIn(browser, 'anna')
  const { steamId64 } = slow().at(-2)!
  await createTask(steamId64)
  await openChatWith(page, steamId64)
  await page.keyboard.press('t')
  await page.getByRole('button', { name: 'Give back' }).waitFor()
  const text = 'Half past nine, then?'
  let lost = 0
  await page.route('**/api/command', async (route) => {
    if (lost === 3 || route.request().postData()?.includes(text) !== true) return route.fallback()
    lost += 1
    await route.fetch() // it was carried out
    return route.abort()
  })
  const field = page.locator('textarea')
  await field.fill(text)
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  expect([lost, await field.inputValue()]).toEqual([3, text])

  await page.reload()
  await expect.poll(() => field.inputValue()).toBe(text)
  await field.press('Enter')
  await expect.poll(() => field.inputValue()).toBe('')
  const log = page.getByRole('log')
  await log.locator('div[data-kind=person]').filter({ hasText: text }).waitFor()
  const said = (await chatWith(page, steamId64))!.messages.filter((message) => message.text === text)
  expect(said.length).toBe(1)
  await page.context().close()
})
