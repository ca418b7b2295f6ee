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
