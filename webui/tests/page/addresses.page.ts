/** Every place and row has an address: Back, a reload, a new tab and a link come to the same. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { phase, violations } from './look'
import { Scene } from './scene'
import { rows } from './screens'

let scene: Scene
beforeAll(async () => {
  scene = await Scene.open('--rate', '0')
})
afterAll(() => scene.close())

const at = (page: Page) => new URL(page.url()).pathname
const log = (page: Page) => page.getByRole('log')

test('Back and Forward go through what was looked at, and a reload and a new tab come to the same', async () => {
  const { page, said } = await scene.page()
  await expect.poll(() => at(page)).toBe('/chats')
  await rows(page).nth(1).click()
  const first = at(page)
  const heading = page.locator('header h2')
  const about = await heading.innerText()
  await rows(page).nth(2).click()
  const second = at(page)
  expect([first, second]).toEqual([expect.stringMatching(/^\/chats\/\w+$/), expect.stringMatching(/^\/chats\/\w+$/)])
  expect(first).not.toBe(second)
  await page.getByRole('link', { name: 'Tasks' }).click()
  await rows(page).nth(2).click()
  const task = at(page)
  expect(task).toMatch(/^\/tasks\/\w+$/)

  await page.reload()
  await page.getByRole('complementary', { name: 'Task' }).waitFor()
  expect(at(page)).toBe(task)
  for (const place of ['/tasks', second, first, '/chats']) {
    await page.goBack()
    await expect.poll(() => at(page)).toBe(place)
  }
  expect(await log(page).count()).toBe(0)
  await page.goForward()
  await expect.poll(() => heading.innerText()).toBe(about)

  // what is closed is left the way it came: Back does not open it again
  await page.keyboard.press('x')
  await expect.poll(() => at(page)).toBe('/chats')
  await page.goForward()
  await expect.poll(() => heading.innerText()).toBe(about)

  const [other] = await Promise.all([
    page.context().waitForEvent('page'),
    rows(page).nth(2).click({ button: 'middle' }),
  ])
  await phase(other, 'live').waitFor()
  await log(other).waitFor()
  expect([at(other), at(page)]).toEqual([second, first])
  expect(said).toEqual([])
  await page.context().close()
})

test('columns side by side have an address too, and Back closes the one that was opened last', async () => {
  const { page, said } = await scene.page()
  await rows(page).nth(1).click()
  await page.keyboard.press('s')
  const one = at(page)
  await rows(page).nth(2).click()
  await rows(page).nth(3).click()
  await expect.poll(() => log(page).count()).toBe(3)
  const three = at(page)
  await page.goBack()
  await expect.poll(() => log(page).count()).toBe(2)
  await page.goBack()
  await expect.poll(() => log(page).count()).toBe(1)
  expect(at(page)).toBe(one)
  await rows(page).nth(2).click() // beside it, and not in its place
  await expect.poll(() => log(page).count()).toBe(2)

  const { page: other } = await scene.blank()
  await other.goto(new URL(three, scene.url).href)
  await expect.poll(() => log(other).count()).toBe(3)
  expect(said).toEqual([])
  await Promise.all([page.context().close(), other.context().close()])
})

test('on a phone, Back leaves a chat and a task, and not the page', async () => {
  const { page } = await scene.page({ width: 390 })
  await rows(page).nth(1).click()
  await log(page).waitFor()
  await page.goBack()
  await rows(page).nth(1).waitFor()
  await rows(page).nth(1).click()
  await page.locator('header').getByRole('button', { name: 'Close' }).click()
  await expect.poll(() => at(page)).toBe('/chats')
  await page.getByRole('link', { name: 'Tasks' }).click()
  await rows(page).nth(2).click()
  await page.getByRole('complementary', { name: 'Task' }).waitFor()
  await page.goBack()
  await expect.poll(() => page.getByRole('complementary', { name: 'Task' }).count()).toBe(0)
  await page.goBack()
  await expect.poll(() => at(page)).toBe('/chats')
  await page.context().close()
})

test('whoever has to sign in first is where the link pointed afterwards', async () => {
  const { page } = await scene.blank()
  const { page: known } = await scene.page()
  await known.keyboard.press('2')
  await rows(known).nth(2).click()
  let signedIn = false
  await page.route('**/api/event-stream*', (route) => (signedIn ? route.continue() : route.fulfill({ status: 401 })))
  await page.route('**/api/sign-in', (route) => {
    signedIn = true
    return route.fulfill({ json: { ok: true } })
  })
  await page.goto(known.url())
  await page.getByLabel('Name').fill('anna')
  await page.getByLabel('Password').fill('correct horse battery')
  await page.keyboard.press('Enter')
  await page.getByRole('complementary', { name: 'Task' }).getByRole('heading').waitFor()
  expect(page.url()).toBe(known.url())
  await Promise.all([page.context().close(), known.context().close()])
})

test('what a link names and is not here is said', async () => {
  const { page, said } = await scene.blank({ dark: true, width: 390 })
  for (const address of ['/chats/chat_none', '/bots/%E0%A4%A']) {
    await page.goto(new URL(address, scene.url).href)
    await page.getByText('It is not here').waitFor()
    if (address.startsWith('/bots')) expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: /^(Show all chats|Close)$/ }).click()
    await rows(page).first().waitFor()
  }
  expect(said.filter((line) => !line.includes('404'))).toEqual([]) // no archive stands behind the stage
  await page.context().close()
})
