/** What plugins show of their own, from a plugin in Python to a button that is pressed and back. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { Demo } from './demo'
import { launch, type Look, newPage, phase, violations } from './look'

let demo: Demo
let browser: Browser

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([Demo.withPlugins('panels', 'price_board', 'torn_card'), launch()])
})
afterAll(async () => {
  await browser.close()
  await demo.close()
})

const panelOf = (page: Page, plugin: string) =>
  page.getByRole('region', { name: new RegExp(`^(Panel of|Панель плагина) ${plugin}$`) })

/** The plugins' place. */
async function openPlugins(look: Look = {}) {
  const opened = await demo.signIn(browser, 'anna', look)
  await opened.page.keyboard.press('4')
  await panelOf(opened.page, 'price_board').waitFor()
  return opened
}

test('a plugin shows a field and a table, and its buttons give its commands, by key alone', async () => {
  const { page, said } = await openPlugins()
  const panel = panelOf(page, 'price_board')
  await panel.getByText('12,340').waitFor()
  await panel.getByText('Nothing here just now.').waitFor()

  await panel.getByRole('button', { name: 'Pin a price' }).focus()
  await page.keyboard.press('Enter')
  const form = page.getByRole('dialog', { name: 'Pin a price' })
  await expect.poll(() => form.getByLabel('Item').evaluate((field) => field === document.activeElement)).toBe(true)
  expect(await form.getByLabel('Price').inputValue()).toBe('10.5')
  await page.keyboard.press('Enter') // nothing filled in: the server says which field is wrong
  await form.locator('[aria-invalid=true]').waitFor()
  expect(await violations(page)).toEqual([])
  await page.keyboard.type('<b>Karambit</b>')
  await form.getByLabel('Price').fill('12,75')
  await form.getByLabel('Not to be haggled over').check()
  await form.getByRole('button', { name: 'Pin a price' }).click()
  await form.waitFor({ state: 'detached' })
  const row = panel.getByRole('row').nth(1)
  await row.getByText('12.75 USD').waitFor()
  expect(await row.getByRole('cell').allInnerTexts()).toEqual(['<b>Karambit</b>', '12.75 USD', 'firm'])
  await panel.getByText('12,341').waitFor()

  await panel.getByRole('button', { name: 'Take all down' }).click()
  const ask = page.getByRole('dialog', { name: 'Take all down' })
  await ask.getByText('Every pinned price is taken down.').waitFor()
  await page.keyboard.press('Enter')
  await panel.getByText('Nothing here just now.').waitFor()
  expect(said.filter((text) => !/40[01]/.test(text))).toEqual([])
  await page.context().close()
})

test('what another does is seen without asking, and a panel that may not be shown says what is wrong', async () => {
  const { page } = await openPlugins()
  const panel = panelOf(page, 'price_board')
  await demo.give('PinPrice', { item: 'Dragonclaw Hook', price: 400 })
  await panel.getByText('Dragonclaw Hook').waitFor()
  const torn = panelOf(page, 'torn_card')
  await torn.getByText('PauseContact is no public command that this plugin handles').waitFor()
  expect(await torn.getByRole('button').count()).toBe(0)

  await page.route('**/api/panels', (route) => route.fulfill({ status: 503 }))
  await page.getByRole('alert').getByText('did not load').waitFor()
  expect(await panel.getByText('Dragonclaw Hook').count(), 'what was known stays in sight').toBe(1)
  await demo.give('UnpinAll', {})
  await page.context().close()
})

test.for([{}, { dark: true, language: 'ru-RU' }, { width: 390 }, { width: 390, language: 'ru-RU' }] satisfies Look[])(
  'everybody can use it, and nothing is wider than the page (%o)',
  async (look) => {
    await demo.give('PinPrice', { item: 'Dragonclaw Hook '.repeat(8), price: 1234567.89, firm: true })
    const { page } = await openPlugins(look)
    await page.getByText('1234567.89 USD').waitFor()
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
    if (process.env['SHOTS'] !== undefined)
      await page.screenshot({
        path: `${process.env['SHOTS']}/panels-${look.width ?? 1280}-${look.language ?? 'en'}.png`,
      })
    await demo.give('UnpinAll', {})
    await page.context().close()
  },
)

test('whose role is too low for a button is told so', async () => {
  const { page } = await newPage(browser)
  await page.goto(await demo.invite('vera', 'viewer'))
  const fields = page.locator('form input[type=password]')
  await fields.first().waitFor()
  for (const field of await fields.all()) await field.fill('correct horse battery')
  await page.keyboard.press('Enter')
  await phase(page, 'live').waitFor()
  await page.keyboard.press('4')
  const button = panelOf(page, 'price_board').getByRole('button', { name: 'Take all down' })
  expect(await button.getAttribute('aria-disabled')).toBe('true')
  await button.click({ force: true })
  expect(await page.getByRole('dialog').count()).toBe(0)
  await page.context().close()
})
