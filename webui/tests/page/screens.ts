/** Every screen of the page, and how to get to it: for the tests that hold each to the rules, and for its pictures. */
import type { Browser, Cookie, Page } from 'playwright-core'

import { Demo } from './demo'
import { KeptWindow, launch, type Look, newPage, type Opened, phase } from './look'
import { Scene } from './scene'

export interface Screen {
  readonly name: string
  /** Needs more room than a phone has. */
  readonly wide?: boolean
  /** What the browser itself may say of it: it notes each answer that refuses something. */
  readonly says?: RegExp
  open(stages: Stages, look: Look): Promise<Opened>
}

/** Where the screens are shown: made-up days that stand still, and the product itself. */
export interface Stages {
  /** An ordinary day. */
  readonly day: Scene
  /** A day on which everything is as long, as many and as strange as it may be. */
  readonly extremes: Scene
  readonly empty: Scene
  readonly demo: Demo
  readonly admin: Admin
  readonly browser: Browser
}

export async function openStages(): Promise<Stages> {
  const [day, extremes, empty, demo, browser] = await Promise.all([
    Scene.open('--rate', '0', '--week'),
    Scene.open('--rate', '0', '--extremes'),
    Scene.open('--bots', '0', '--tasks', '0'),
    Demo.start('--bots', '1', '--players', '1'),
    launch(),
  ])
  return { day, extremes, empty, demo, admin: new Admin(demo, browser), browser }
}

export async function closeStages({ day, extremes, empty, demo, browser }: Stages): Promise<void> {
  await Promise.all([day, extremes, empty, demo, browser].map((stage) => stage.close()))
}

export const rows = (page: Page) => page.locator('[role=listitem] button')

export async function openStopWords(page: Page): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.keyboard.type((await page.locator('html').getAttribute('lang')) === 'ru' ? 'стоп-слова' : 'stop words')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: /^(Stop words|Стоп-слова)$/ }).waitFor()
}

type Go = (page: Page) => Promise<unknown>
type Rest = Pick<Screen, 'wide' | 'says'>

const on = (stage: 'day' | 'extremes' | 'empty', name: string, go: Go, rest: Rest = {}): Screen => ({
  name,
  ...rest,
  open: async (stages, look) => {
    const opened = await stages[stage].pageAnew(look)
    await go(opened.page)
    return opened
  },
})

const answered = (name: string, status: number | null, go: Go): Screen => ({
  name,
  says: /Failed to load resource/,
  open: async ({ day }, look) => {
    const opened = await day.pageWith(look, '/api/event-stream', status)
    await go(opened.page)
    return opened
  },
})

const PASSWORD = 'correct horse battery'

/** A new admin of the running product, at the point where a password is asked for. */
async function invited({ demo, browser }: Stages, look: Look): Promise<Opened> {
  const opened = await newPage(browser, look)
  await opened.page.goto(await demo.invite(`ada-${crypto.randomUUID().slice(0, 8)}`, 'admin'))
  await opened.page.locator('form').waitFor()
  return opened
}

/** An admin of the running product, who has signed in by password once, and is known in every window since. */
class Admin {
  readonly #demo: Demo
  readonly #window: KeptWindow
  #cookies: readonly Cookie[] | undefined

  constructor(demo: Demo, browser: Browser) {
    this.#demo = demo
    this.#window = new KeptWindow(browser)
  }

  async page(look: Look): Promise<Opened> {
    const opened = await this.#window.anew(look)
    await (this.#cookies === undefined ? this.#signIn(opened.page) : this.#comeBack(opened.page, this.#cookies))
    await phase(opened.page, 'live').waitFor()
    this.#cookies ??= await opened.page.context().cookies()
    return opened
  }

  async #signIn(page: Page): Promise<void> {
    await page.goto(await this.#demo.invite('ada', 'admin'))
    await page.locator('form').waitFor()
    for (const field of await page.locator('input').all()) await field.fill(PASSWORD)
    await page.keyboard.press('Enter')
  }

  async #comeBack(page: Page, cookies: readonly Cookie[]): Promise<void> {
    await page.context().addCookies(cookies)
    await page.goto(this.#demo.url)
  }
}

const asAdmin = (name: string, go: Go): Screen => ({
  name,
  says: /401/,
  open: async ({ admin }, look) => {
    const opened = await admin.page(look)
    await opened.page.getByRole('button', { name: /^(Account|Учётная запись)$/ }).click()
    await go(opened.page)
    return opened
  },
})

const choose = async (page: Page, place: string, action: RegExp) => {
  await page.keyboard.press(place)
  await page.getByRole('checkbox').first().click({ force: true })
  await page.getByRole('toolbar').getByRole('button', { name: action }).click()
}

const sideBySide = async (page: Page, count: number) => {
  await rows(page).nth(1).click()
  await page.keyboard.press('s')
  for (let row = 2; row <= count; row += 1) await rows(page).nth(row).click()
}

export const SCREENS: readonly Screen[] = [
  on('day', 'the list of chats', () => Promise.resolve()),
  on('day', 'a chat', (page) => rows(page).nth(1).click()),
  on('day', 'chats side by side', (page) => sideBySide(page, 2), { wide: true }),
  on('day', 'a task', async (page) => {
    await page.keyboard.press('2')
    await rows(page).nth(2).click()
  }),
  on(
    'day',
    'a new task, refused',
    async (page) => {
      await page.keyboard.press('n')
      const fields = page.locator('[role=dialog] input')
      for (const [index, value] of ['76561198000000001', 'AK-47', '10', '12'].entries())
        await fields.nth(index).fill(value)
      await page.locator('form button[type=submit]').last().click()
      await page.locator('[role=dialog] [aria-invalid=true]').waitFor()
    },
    { says: /409/ },
  ),
  on('day', 'a bot that cannot sign in', async (page) => {
    await page.keyboard.press('3')
    await rows(page).nth(1).click()
  }),
  on('day', 'plugins', async (page) => {
    await page.keyboard.press('4')
    await page.locator('section[aria-label=scripted_agent]').waitFor()
  }),
  on('day', 'a report', async (page) => {
    await page.keyboard.press('5')
    await page.locator('.recharts-bar-rectangle').first().waitFor()
  }),
  on('day', 'a report as tables', async (page) => {
    await page.keyboard.press('5')
    for (const button of await page.getByRole('button', { name: /^(Table|Таблица)$/ }).all()) await button.click()
    await page.getByRole('button', { name: /^(Read as a table|Показать таблицей)$/ }).click()
  }),
  on('day', 'the rows of a number', async (page) => {
    await page.keyboard.press('5')
    await page
      .getByRole('link', { name: /^(Agreed|Договорились): / })
      .first()
      .click()
    await page.getByRole('rowheader').first().waitFor()
  }),
  on('empty', 'an empty report', async (page) => {
    await page.keyboard.press('5')
    await page.getByText(/Nothing ended|ничего не завершилось/).waitFor()
  }),
  on('day', 'a task about to be put away', async (page) => {
    await page.keyboard.press('2')
    await rows(page).nth(2).click()
    await page.locator('aside button').last().click()
    await page.locator('[role=dialog]').waitFor()
  }),
  on('day', 'many chats, chosen', async (page) => {
    await page.getByRole('checkbox').nth(1).click({ force: true })
    const last = page.getByRole('checkbox').nth(4)
    await last.click({ force: true, modifiers: ['Shift'] })
    await page.getByRole('toolbar').waitFor()
  }),
  on('day', 'many tasks about to be put away', async (page) => {
    await choose(page, '2', /^(Put away|Снять)$/)
    await page.getByRole('dialog').getByRole('listitem').nth(3).waitFor()
  }),
  on('day', 'many bots, about to be removed', async (page) => {
    await choose(page, '3', /^(Remove|Удалить)$/)
    await page.getByRole('dialog').getByRole('listitem').nth(1).waitFor()
  }),
  on('day', 'a search that finds nothing', async (page) => {
    await rows(page).first().waitFor() // live may come before the list, and no key finds a field that is not there
    await page.keyboard.press('/')
    await page.keyboard.type('no such words')
    await page.locator('[role=listitem]').first().waitFor({ state: 'detached' })
  }),
  on('day', 'a chat with notes, and one being written', async (page) => {
    await rows(page).nth(2).click()
    await page.keyboard.press('m')
    await page.keyboard.type('Only for us')
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: /Notes|Заметки/ }).waitFor()
    await page.keyboard.type('half written')
  }),
  on('day', 'canned replies in a message', async (page) => {
    await rows(page).nth(1).click()
    await page.keyboard.press('r')
    await page.keyboard.type('/p')
    await page.getByRole('option').first().waitFor()
  }),
  on('day', 'canned replies', (page) => page.keyboard.press('q')),
  on('day', 'the palette', async (page) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.type('7656')
    await page.getByRole('option').filter({ hasText: '7656' }).first().waitFor()
  }),
  on('day', 'the stop words', openStopWords),
  on('day', 'the keys', (page) => page.keyboard.press('?')),
  on('day', 'the colleagues', (page) => page.getByTitle(/colleagues? here|На месте/).click()),
  on('day', 'the alerts', (page) => page.getByRole('button', { name: /^(Alerts|Оповещения)/ }).click()),
  on('day', 'the problems', (page) => page.getByRole('button', { name: /^(Problems|Неполадки)/ }).click()),
  on('day', 'the settings', (page) => page.getByRole('button', { name: /^(Colours|Цвета)/ }).click()),
  on('day', 'contact about to be paused', async (page) => {
    await page.getByRole('button', { name: /^(Pause all contact|Остановить весь контакт)/ }).click()
    await page.getByRole('dialog').waitFor()
  }),

  on('extremes', 'a crowded list of chats', () => Promise.resolve()),
  on('extremes', 'a crowded chat', (page) => rows(page).filter({ hasText: 'Unusual' }).first().click()),
  on('extremes', 'many chats side by side', (page) => sideBySide(page, 6), { wide: true }),
  on('extremes', 'a crowded task', async (page) => {
    await page.keyboard.press('2')
    await rows(page).nth(1).click()
  }),
  on('extremes', 'a crowded bot', async (page) => {
    await page.keyboard.press('3')
    await rows(page).filter({ hasText: 'www' }).first().click()
  }),
  on('extremes', 'crowded canned replies', (page) => page.keyboard.press('q')),
  on('extremes', 'crowded problems', async (page) => {
    await page.evaluate(() =>
      fetch('/api/command', { method: 'POST', body: JSON.stringify({ kind: 'StageTrouble', payload: {} }) }),
    )
    await page.getByRole('button', { name: /^(Problems|Неполадки): [1-9]/ }).click()
    await page.getByText('proxies.example').first().waitFor()
  }),

  on('empty', 'no chats yet', () => Promise.resolve()),
  on('empty', 'no tasks yet', (page) => page.keyboard.press('2')),
  on('empty', 'no bots yet', (page) => page.keyboard.press('3')),
  on('empty', 'no problems yet', (page) => page.getByRole('button', { name: /^(Problems|Неполадки)/ }).click()),

  answered('the state on its way', null, (page) => phase(page, 'connecting').waitFor()),
  answered('nothing heard of the server', 503, (page) => phase(page, 'stale').waitFor()),
  answered('not signed in', 401, (page) => page.locator('form').waitFor()),
  { name: 'a new operator', says: /401/, open: invited },
  asAdmin('the account', (page) => page.getByRole('menuitem').last().waitFor()),
  asAdmin('new bots', async (page) => {
    await page.keyboard.press('Escape')
    await page.keyboard.press('3')
    const button = page.locator('section button').filter({ hasText: /^(Add bots|Добавить ботов)$/ })
    await button.click()
    await page
      .locator('[role=dialog] input[type=file]')
      .first()
      .setInputFiles([
        { name: 'one.maFile', mimeType: 'application/json', buffer: Buffer.from('{"account_name": "one"}') },
        { name: 'two.maFile', mimeType: 'application/json', buffer: Buffer.from('not one') },
      ])
    await page.getByRole('button', { name: /^(Show the plan|Показать план)$/ }).click()
    await page.locator('[role=dialog] tbody tr').nth(1).waitFor()
  }),
  asAdmin('operators and tokens', async (page) => {
    await page.getByRole('menuitem', { name: /^(Operators and tokens|Операторы и токены)/ }).click()
    await page.getByRole('dialog').getByRole('listitem').first().waitFor()
  }),
  asAdmin('a link that is shown once', async (page) => {
    await page.getByRole('menuitem', { name: /^(Operators and tokens|Операторы и токены)/ }).click()
    await page.getByLabel(/^(Name|Имя)$/).fill(`olga-${crypto.randomUUID().slice(0, 8)}`)
    await page.keyboard.press('Enter')
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^(Copy|Скопировать|Копировать)$/ })
      .waitFor()
  }),
  asAdmin('who did what', async (page) => {
    await page.getByRole('menuitem', { name: /^(Who did what|Кто что сделал)/ }).click()
    await page.getByRole('cell').first().waitFor()
  }),
]
