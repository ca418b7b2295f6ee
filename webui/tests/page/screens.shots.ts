/** Pictures of every screen in every look, for people to look at: `npm run screenshots`. Where they go: SCREENSHOTS. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, test } from 'vitest'

import { atRest, type Look } from './look'
import { ROOT } from './root'
import { closeStages, openStages, SCREENS, type Stages } from './screens'

const FOLDER = process.env['SCREENSHOTS'] ?? join(ROOT, 'build', 'screenshots')
const PHONE = 390

const LOOKS: readonly Look[] = ([undefined, PHONE] as const).flatMap((width) =>
  (['en-US', 'ru-RU'] as const).flatMap((language) =>
    [false, true].map((dark) => ({ language, dark, ...(width !== undefined && { width }) })),
  ),
)
const nameOf = ({ width, language, dark }: Look) =>
  [width ?? 'wide', language?.slice(0, 2), dark ? 'dark' : 'light'].join('-')

let stages: Stages
beforeAll(async () => {
  stages = await openStages()
  await mkdir(FOLDER, { recursive: true })
})
afterAll(() => closeStages(stages))

describe.for(LOOKS.map((look) => [nameOf(look), look] as const))('%s', ([lookName, look]) => {
  test.for(SCREENS.filter(({ wide }) => !wide || look.width === undefined))('$name', async (screen) => {
    const { page, kept } = await screen.open(stages, look)
    await atRest(page)
    const number = String(SCREENS.indexOf(screen) + 1).padStart(2, '0')
    const file = `${number} ${screen.name}, ${lookName}.png`.replaceAll(/[ ,]+/g, '-')
    await page.screenshot({ path: join(FOLDER, file) })
    if (!kept) await page.context().close()
  })
})
