/** What a browser keeps: nothing of it can blank the page, and each account finds its own. */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { phase } from './look'
import { Scene } from './scene'
import { rows } from './screens'

let scene: Scene
beforeAll(async () => {
  scene = await Scene.open('--rate', '0')
})
afterAll(() => scene.close())

test('stored settings that do not fit, or a storage that is forbidden, leave a whole page', async () => {
  const { page, said } = await scene.blank()
  await page.goto(scene.url)
  await page.evaluate(() => {
    const stored = '{"alerts":null,"panes":"abc","place":"nowhere","folded":7,"language":"xx","chatFilter":null}'
    localStorage.setItem('switchboard.2/operator:anna/settings', stored)
    localStorage.setItem('switchboard.2/operator:anna/draft/chat_x', '[')
    localStorage.setItem('switchboard.2/language', '{')
    localStorage.setItem('mantine-color-scheme-value', 'purple')
    history.replaceState({ sideBySide: 7, from: {} }, '')
  })
  for (const forbidden of [false, true]) {
    if (forbidden) {
      await page.addInitScript(() => {
        Object.defineProperty(window, 'localStorage', {
          get: () => {
            throw new DOMException('forbidden', 'SecurityError')
          },
        })
      })
    }
    await page.goto(scene.url)
    await phase(page, 'live').waitFor()
    await rows(page).nth(1).click()
    await page.getByRole('log').waitFor()
    await page.getByRole('button', { name: /^Alerts/ }).click()
    await page.getByLabel('A sound').waitFor()
    await page.keyboard.press('Escape')
  }
  expect(said).toEqual([])
  await page.context().close()
})

test('two accounts of one browser have drafts of their own', async () => {
  const { page } = await scene.blank()
  let actor = 'operator:anna'
  await page.route('**/api/session', (route) => route.fulfill({ json: { actor, role: 'operator', by: 'password' } }))
  const field = page.locator('textarea')
  const openedBy = async (who: string) => {
    actor = who
    await page.reload()
    await phase(page, 'live').waitFor()
    await field.waitFor()
    return field.inputValue()
  }
  await page.goto(scene.url)
  await rows(page).filter({ hasText: 'You lead' }).first().click()
  await field.fill('of Anna')
  expect(await openedBy('operator:boris')).toBe('')
  await field.fill('of Boris')
  expect(await openedBy('operator:anna')).toBe('of Anna')
  expect(await openedBy('operator:boris')).toBe('of Boris')
  await page.context().close()
})
