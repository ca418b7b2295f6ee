/** Bots are added from files in a real browser against the real server: a plan, what is done, and what is kept of it. */
import { readFile } from 'node:fs/promises'

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { Demo } from './demo'
import { launch, newPage, phase, violations } from './look'

const PASSWORD = 'correct horse battery'
const SECRET = Buffer.alloc(20, 7)

let demo: Demo
let browser: Browser

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([Demo.start('--bots', '1', '--players', '1'), launch()])
})
afterAll(async () => {
  await browser.close()
  await demo.close()
})

function maFile(number: number, fields: object = {}): Buffer {
  const account = {
    shared_secret: SECRET.toString('base64'),
    account_name: `login${number}`,
    Session: { SteamID: `7656119800000010${number}` },
    ...fields,
  }
  return Buffer.from(JSON.stringify(account))
}

test('files of every kind become a plan, the plan becomes bots, and the summary can be saved', async () => {
  const { page } = await newPage(browser)
  await page.goto(await demo.invite('ada', 'developer'))
  await page.getByLabel('New password').fill(PASSWORD)
  await page.getByLabel('The same once more').fill(PASSWORD)
  await page.getByRole('button', { name: 'Set the password' }).click()
  await phase(page, 'live').waitFor()
  await page.keyboard.press('3')
  await page.getByRole('button', { name: 'Add bots' }).first().click()

  const dialog = page.getByRole('dialog')
  const mimeType = 'application/octet-stream'
  await dialog
    .locator('input[type=file]')
    .first()
    .setInputFiles([
      { name: 'manifest.json', mimeType, buffer: Buffer.alloc(0) },
      { name: 'one (1).maFile', mimeType, buffer: maFile(1) },
      { name: 'two.maFile', mimeType, buffer: Buffer.from(maFile(2).toString(), 'utf16le') },
      { name: '76561198055555555.maFile', mimeType, buffer: maFile(3) },
      { name: 'four.maFile', mimeType, buffer: Buffer.alloc(300, 'QUJD') },
      { name: 'notes.txt', mimeType, buffer: Buffer.from('nothing') },
    ])
  await dialog.getByLabel('Proxies, one a line').fill('127.0.0.1:9:bob:hunter2\nnonsense\n')
  await dialog.getByLabel('Passwords').fill('login1:pw\nlogin2;pw')
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Show the plan' }).click()

  const counts = dialog.getByRole('list', { name: 'Accounts by what is done with them' })
  await counts.waitFor()
  expect(await counts.innerText()).toMatch(/1 new\s+1 contradictory\s+1 without a proxy\s+1 unusable/)
  await dialog.getByText('line 2 of the proxies').waitFor()
  expect(await dialog.innerText()).not.toContain('hunter2')
  expect(await violations(page)).toEqual([])
  await dialog.getByLabel('Label: one (1).maFile').fill('spare')
  await dialog.getByRole('button', { name: 'Add 1 bot' }).click()

  await expect.poll(() => counts.innerText()).toContain('1 added')
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save as a table' }).click(),
  ])
  const table = await readFile(await saved.path(), 'utf8')
  expect(table).toContain('"one (1).maFile","added","login1","76561198000000101"')
  expect(table).not.toContain('hunter2')
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await page.getByText('spare').first().waitFor()
  await page.context().close()
})
