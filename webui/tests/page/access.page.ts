/** A person's way in and out, in a real browser against the real server. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { Demo } from './demo'
import { launch, newPage, phase, violations } from './look'

const SECRET = 'correct horse battery'

let demo: Demo
let browser: Browser

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([Demo.start('--bots', '1', '--players', '1'), launch()])
})
afterAll(async () => {
  await browser.close()
  await demo.close()
})

test('an operator chooses a password by a one-time link, signs out, errs, and signs in again', async () => {
  const link = await demo.invite('olga', 'operator')
  const { page } = await newPage(browser)
  await page.goto(link)
  await page.getByText('Welcome, olga').waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByLabel('New password').fill('short')
  await page.getByLabel('The same once more').fill('other')
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByText('The two are not the same.').waitFor()
  await page.getByLabel('The same once more').fill('short')
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByText('Give 12 to 128 characters').waitFor()
  await page.getByLabel('New password').fill(SECRET)
  await page.getByLabel('The same once more').fill(SECRET)
  await page.getByRole('button', { name: 'Set the password' }).click()
  await phase(page, 'live').waitFor()
  expect(page.url()).not.toContain('welcome')

  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByText('olga · Operator').waitFor()
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click()
  await page.getByText('Sign in to Switchboard').waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByLabel('Name').fill('olga')
  await page.getByRole('textbox', { name: 'Password' }).fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('There is no such name with such a password.').waitFor()
  await page.getByRole('textbox', { name: 'Password' }).fill(SECRET)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await phase(page, 'live').waitFor()

  await page.goto(link)
  await page.reload()
  await phase(page, 'live').waitFor() // who is signed in is not asked for a password again
  await page.context().close()
})

test('an admin reads who did what, narrows it down, and takes it along as a file', async () => {
  const { page, said } = await newPage(browser)
  await page.goto(await demo.invite('ada', 'admin'))
  await page.getByLabel('New password').fill(SECRET)
  await page.getByLabel('The same once more').fill(SECRET)
  await page.getByRole('button', { name: 'Set the password' }).click()
  await phase(page, 'live').waitFor()
  await demo.command('AddStopWord', { word: 'spam' })

  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Who did what' }).click()
  await page.getByRole('cell', { name: 'AddStopWord' }).waitFor()
  await page.getByRole('cell', { name: 'ChoosePassword' }).first().waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByLabel('Who', { exact: true }).fill('script')
  await expect.poll(() => page.getByRole('cell', { name: 'ChoosePassword' }).count()).toBe(0)
  expect(await page.getByRole('cell', { name: 'AddStopWord' }).count()).toBe(1)
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Export as CSV' }).click()
  expect((await download).suggestedFilename()).toBe('audit.csv')
  expect(said.filter((text) => !text.includes('401'))).toEqual([])
  await page.context().close()
})

test('an admin lets somebody in by a link, gives them another role, and shows them out', async () => {
  const [{ page, said }, { page: other }] = await Promise.all([newPage(browser), newPage(browser)])
  await page.goto(await demo.invite('alice', 'admin'))
  for (const label of ['New password', 'The same once more']) await page.getByLabel(label).fill(SECRET)
  await page.keyboard.press('Enter')
  await phase(page, 'live').waitFor()
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Operators and tokens' }).click()
  const dialog = page.getByRole('dialog')

  await dialog.getByLabel('Name').fill('no good name')
  await page.keyboard.press('Enter')
  await dialog.locator('[aria-invalid=true]').waitFor()
  await dialog.getByLabel('Name').fill('nina')
  await page.keyboard.press('Enter')
  await dialog.getByText('shown only this once').waitFor()
  const link = await dialog.getByRole('textbox').inputValue()
  await page.keyboard.press('Escape') // meant for something else: the link stays
  expect(await dialog.getByRole('textbox').inputValue()).toBe(link)
  await dialog.getByRole('button', { name: 'I have it' }).click()
  const nina = dialog.getByRole('listitem').filter({ hasText: 'nina' })
  await nina.getByText('Has not chosen a password yet').waitFor()

  await other.goto(link)
  for (const label of ['New password', 'The same once more']) await other.getByLabel(label).fill(SECRET)
  await other.keyboard.press('Enter')
  await phase(other, 'live').waitFor()

  await nina.getByRole('combobox', { name: 'Role: nina' }).click()
  await page.getByRole('option', { name: 'Viewer' }).click()
  await nina.getByText('Signed in', { exact: true }).waitFor()
  await expect.poll(() => nina.getByRole('combobox', { name: 'Role: nina' }).inputValue()).toBe('Viewer')
  await nina.getByRole('button', { name: 'Remove' }).click()
  await nina.getByText('cannot sign in any more').waitFor()
  await nina.getByRole('button', { name: 'Remove' }).click()
  await expect.poll(() => nina.count()).toBe(0)
  await phase(other, 'signedOut').waitFor()

  await dialog.getByText('Tokens', { exact: true }).click()
  await dialog.getByLabel('Name').fill('prices')
  await page.keyboard.press('Enter')
  await dialog.getByText('shown only this once').waitFor()
  await dialog.getByRole('button', { name: 'I have it' }).click()
  await dialog.getByText('Tokens', { exact: true }).click()
  const token = dialog.getByRole('listitem').filter({ hasText: 'prices' })
  await token.getByRole('button', { name: 'Take back' }).click()
  await token.getByRole('button', { name: 'Take back' }).click()
  await expect.poll(() => token.count()).toBe(0)
  expect(said.filter((text) => !/40[19]|400/.test(text))).toEqual([])
  await Promise.all([page.context().close(), other.context().close()])
})
