/** The past on the page: reports, their rows, and chats that have left the live state. */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { Scene } from './scene'
import { rows } from './screens'

let scene: Scene
beforeAll(async () => {
  scene = await Scene.open('--rate', '0', '--week')
})
afterAll(() => scene.close())

test('from a number of a report to its rows, to a chat of last week, and back', async () => {
  const { page, said } = await scene.page()
  await page.keyboard.press('5')
  const failures = page.getByRole('region', { name: 'Why it failed' })
  await failures.getByRole('button', { name: 'Table' }).click()
  const reason = failures.getByRole('row', { name: /Price outside the range/ }).getByRole('link')
  const number = Number(await reason.innerText())
  await reason.click()
  await page.getByRole('heading', { name: 'Price outside the range' }).waitFor()
  await page
    .getByRole('rowheader')
    .nth(number - 1)
    .waitFor()
  expect(await page.getByRole('rowheader').count()).toBe(number)
  const listed = page.url()

  await page.getByRole('rowheader').getByRole('link').last().click()
  await page.getByRole('log').getByText('We can pay right after the trade.').first().waitFor()
  await page.getByText('is in the archive').waitFor()
  expect(await page.locator('textarea').count()).toBe(0)

  await page.goBack()
  await page.getByRole('heading', { name: 'Price outside the range' }).waitFor()
  expect(page.url()).toBe(listed)
  await page.reload()
  await page
    .getByRole('rowheader')
    .nth(number - 1)
    .waitFor()
  expect(said).toEqual([])
  await page.context().close()
})

test('a chat that is archived while it is read stays under the eyes of its reader, also after a reload', async () => {
  const { page } = await scene.page()
  await rows(page).filter({ hasText: 'Closed' }).first().click()
  const log = page.getByRole('log')
  await log.getByText('TradeDesk').first().waitFor()
  const lines = await log.innerText()
  const said = await log.locator('bdi').allInnerTexts()
  const chats = () => page.evaluate(() => window.switchboard.state().tables.chats.map(({ id }) => id as string))
  const before = await chats()

  await page.evaluate(() =>
    fetch('/api/command', { method: 'POST', body: JSON.stringify({ kind: 'StageArchive', payload: {} }) }),
  )
  await page.getByText('is in the archive').waitFor()
  await expect.poll(async () => (await chats()).length).toBeLessThan(before.length)
  expect(await log.innerText()).toBe(lines)

  await page.reload()
  await page.getByText('is in the archive').waitFor()
  await expect.poll(() => log.locator('bdi').allInnerTexts()).toEqual(said)
  await page.context().close()
})
