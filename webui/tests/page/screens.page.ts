import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Look, phase, violations } from './look'
import { closeStages, openStages, SCREENS, type Stages } from './screens'

let stages: Stages
beforeAll(async () => {
  stages = await openStages()
})
afterAll(() => closeStages(stages))

const LOOKS: Record<string, Look> = {
  'light, 1280 wide': {},
  'dark, in Russian': { dark: true, language: 'ru-RU' },
  'on a phone': { width: 390 },
}

describe.for(Object.entries(LOOKS))('%s', ([, look]) => {
  test.for(SCREENS.filter(({ wide }) => !wide || look.width === undefined))(
    '$name: can be used by everybody, and breaks no rule of the security policy',
    async (screen) => {
      const { page, said, kept } = await screen.open(stages, look)
      expect(await violations(page)).toEqual([])
      expect(said.filter((text) => !screen.says?.test(text))).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
      if (!kept) await page.context().close()
    },
  )
})

describe.for([{}, { dark: true }] satisfies Look[])('%o', (look) => {
  test('who is not signed in is told how to', async () => {
    const { page } = await stages.day.pageWith(look, '/api/event-stream', 401)
    await page.getByText('Sign in to Switchboard').waitFor()
    await page.context().close()
  })

  test('a page that hears nothing says since when', async () => {
    const { page } = await stages.day.pageWith(look, '/api/event-stream', 503)
    await phase(page, 'stale').getByText('Stale since').waitFor()
    await page.context().close()
  })

  test('every button of the bar is in sight on a phone, whatever the bar says', async () => {
    for (const status of [503, 401]) {
      const { page } = await stages.day.pageWith(
        { ...look, width: 390, language: 'ru-RU' },
        '/api/event-stream',
        status,
      )
      await phase(page, status === 401 ? 'signedOut' : 'stale').waitFor()
      const buttons = page.getByRole('region', { name: 'Switchboard' }).getByRole('button')
      const boxes = await Promise.all((await buttons.all()).map((button) => button.boundingBox()))
      expect(boxes.length).toBeGreaterThan(3)
      for (const box of boxes) {
        expect(box!.x + box!.width).toBeLessThanOrEqual(390)
        expect(box!.width).toBeGreaterThan(24)
      }
      await page.context().close()
    }
  })

  test('paused contact stands across the page', async () => {
    const { page } = await stages.day.page(look)
    await page.getByRole('button', { name: 'Pause all contact' }).click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('Nothing goes out to players').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Resume contact' }).click()
    await page.getByText('Nothing goes out to players').waitFor({ state: 'detached' })
    await page.context().close()
  })
})

test.for(['1', '2', '3'])('place %s says what to do where nothing is yet', async (key) => {
  const { page } = await stages.empty.page()
  await page.keyboard.press(key)
  await expect.poll(() => page.getByText(/^No (chats|tasks|bots) yet$/).count()).toBe(1)
  await page.context().close()
})
