/** A person's way in and out, in a real browser against the real server. */
import { createHmac } from 'node:crypto'

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
  await page.getByRole('button', { name: 'Export as CSV' }).click()
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

/** The code that an authenticator app shows for this secret, `later` steps of 30 s from now (RFC 6238). */
function codeOf(secret: string, later = 0): string {
  const bits = Array.from(secret, (char) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0'),
  )
  const bytes = bits
    .join('')
    .match(/.{8}/g)!
    .map((byte) => parseInt(byte, 2))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later))
  const digest = createHmac('sha1', Buffer.from(bytes)).update(counter).digest()
  const number = digest.readUInt32BE(digest[19]! & 15) & 0x7fffffff
  return `${number % 1_000_000}`.padStart(6, '0')
}

test('an admin sets up a second factor, signs in with it, and proves it before what cannot be taken back', async () => {
  const { page, said } = await newPage(browser, { width: 390 })
  await page.goto(await demo.invite('vera', 'admin'))
  for (const label of ['New password', 'The same once more']) await page.getByLabel(label).fill(SECRET)
  await page.keyboard.press('Enter')
  await phase(page, 'live').waitFor()

  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Second factor' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('You have none yet').waitFor()
  await page.keyboard.press('Enter') // it stands on "Set it up"
  await dialog.getByRole('button', { name: 'Show the QR code' }).click()
  await dialog.getByRole('img', { name: 'QR code' }).waitFor()
  expect(await violations(page)).toEqual([])
  const secret = (await dialog.locator('code').innerText()).replaceAll(' ', '')
  await dialog.getByLabel('Code', { exact: true }).fill(codeOf(secret, 8))
  await page.keyboard.press('Enter')
  await dialog.getByText(/clock of (your|the) phone/).waitFor()
  await dialog.getByLabel('Code', { exact: true }).fill(codeOf(secret))
  await page.keyboard.press('Enter')
  await dialog.getByText('Your recovery codes').waitFor()
  expect(await violations(page)).toEqual([])
  const codes = await dialog.getByRole('listitem').allInnerTexts()
  expect(new Set(codes).size).toBe(10)
  await page.keyboard.press('Escape') // meant for something else: they stay
  const download = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'Save as a file' }).click()
  expect((await download).suggestedFilename()).toBe('switchboard-recovery-codes.txt')
  await dialog.getByRole('button', { name: 'I have it' }).click()
  await dialog.waitFor({ state: 'detached' })

  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click()
  await page.getByLabel('Name').fill('vera')
  await page.getByRole('textbox', { name: 'Password' }).fill(SECRET)
  await page.keyboard.press('Enter')
  await page.getByText('One more step').waitFor()
  expect(await violations(page)).toEqual([])
  await page.keyboard.type('000000')
  await page.keyboard.press('Enter')
  await page.getByText('This code is wrong').waitFor()
  await page.getByRole('button', { name: 'use a recovery code' }).click()
  await page.getByLabel('Recovery code').fill(codes[0]!.toUpperCase())
  await page.keyboard.press('Enter')
  await phase(page, 'live').waitFor()

  // as five minutes later: the server asks once more
  let refusals = 0
  await page.route('**/api/tokens/create', (route) =>
    (refusals += 1) === 1
      ? route.fulfill({ status: 403, json: { ok: false, error: { code: 'proofNeeded', message: 'no' } } })
      : route.continue(),
  )
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Operators and tokens' }).click()
  await dialog.getByText(/second factor, 9 recovery codes left/).waitFor()
  await dialog.getByText('Tokens', { exact: true }).click()
  await dialog.getByLabel('Name').fill('prices-of-vera')
  await page.keyboard.press('Enter')
  const proof = page.getByRole('dialog', { name: 'Is it still you?' })
  await proof.getByLabel('Code', { exact: true }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.keyboard.type(codeOf(secret, 1))
  await page.keyboard.press('Enter')
  await page.getByText('shown only this once').waitFor()
  expect(refusals).toBe(2)
  expect(said.filter((text) => !/40[139]|INCOMPLETE_CHUNKED/.test(text))).toEqual([]) // the stream of a session that has ended is cut off
  await page.context().close()
})

test('a key is added by its name, signs in, and is removed; at an address in numbers the page says why it can not', async () => {
  const link = await demo.invite('kira', 'developer')
  const { page, said } = await newPage(browser, { width: 390 })
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const options = { protocol: 'ctap2', transport: 'usb', hasResidentKey: false, hasUserVerification: false } as const
  await cdp.send('WebAuthn.addVirtualAuthenticator', { options })
  await page.goto(link.replace('127.0.0.1', 'localhost'))
  for (const label of ['New password', 'The same once more']) await page.getByLabel(label).fill(SECRET)
  await page.keyboard.press('Enter')
  await phase(page, 'live').waitFor()
  const open = async () => {
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitem', { name: 'Second factor' }).click()
  }
  await open()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name of the new key').fill('the blue one')
  await page.keyboard.press('Enter')
  await dialog.getByText('Your recovery codes').waitFor()
  await dialog.getByRole('button', { name: 'I have it' }).click()
  await dialog.getByText('the blue one · localhost').waitFor()
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click()
  await page.getByLabel('Name').fill('kira')
  await page.getByRole('textbox', { name: 'Password' }).fill(SECRET)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Use a passkey or security key' }).click()
  await phase(page, 'live').waitFor()
  await open()
  await dialog.getByText(/the blue one · localhost · used/).waitFor()
  await dialog.getByRole('button', { name: 'Remove it: the blue one' }).click()
  await dialog.getByText(/^None yet\./).waitFor()

  await page.goto(demo.url)
  await page.getByLabel('Name').fill('kira')
  await page.getByRole('textbox', { name: 'Password' }).fill(SECRET)
  await page.keyboard.press('Enter')
  await phase(page, 'live').waitFor()
  await open()
  await dialog.getByText('not at an address in numbers').waitFor()
  expect(said.filter((text) => !/40[139]|INCOMPLETE_CHUNKED/.test(text))).toEqual([])
  await page.context().close()
})
