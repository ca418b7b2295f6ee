/** What operators do on the page, on a stage that stands still. */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Look, rowOf, violations } from './look'
import { Scene } from './scene'
import { openStopWords, rows } from './screens'

let scene: Scene
beforeAll(async () => {
  scene = await Scene.open('--rate', '0')
})
afterAll(() => scene.close())

/** The groups of chats that need a person. */
const NEEDED = ['Need you: mine', 'Need you: nobody’s', 'Need a colleague']

test('who needs a person is seen before anything is chosen, counted the same everywhere, and one key away', async () => {
  const { page, said } = await scene.page()
  const count = Number(/^\((\d+)\)/.exec(await page.title())![1])
  const name = `${count} chats need you`
  const first = page.getByRole('region', { name }).getByRole('listitem')
  await page.getByRole('navigation').getByRole('img', { name }).waitFor()
  const player = (await first.first().textContent())!.match(/\d{17}/)![0]
  await page.keyboard.press('3') // from whichever place
  await page.keyboard.press('w')
  await page.getByRole('log', { name: `Messages with ${player}` }).waitFor()
  await page.keyboard.press('w')
  await page.getByRole('log', { name: `Messages with ${player}` }).waitFor({ state: 'detached' })
  expect(said).toEqual([])
  await page.context().close()
})

test('an operator takes a chat over, writes, and finds it again after a reload', async () => {
  const { page } = await scene.page()
  await page.getByPlaceholder('Player, item, bot or words said').fill('scripted no such words')
  await expect.poll(() => page.getByText('Nothing matches').count()).toBe(1)
  await page.keyboard.press('Escape')
  for (const group of [...NEEDED, 'Wait for the player'])
    await page.locator('button[aria-expanded]').filter({ hasText: group }).click()
  await rows(page).filter({ hasText: 'Agent leads' }).first().click()

  await page.keyboard.press('t')
  await page.getByRole('button', { name: 'Give back' }).waitFor()
  await page.keyboard.type('Hello from a person')
  await page.keyboard.press('Enter')
  await page.getByRole('log').getByText('Hello from a person').waitFor()
  expect(await page.locator('textarea').inputValue()).toBe('')

  await page.keyboard.type('half written')
  await page.reload()
  await page.getByRole('log').getByText('Hello from a person').waitFor()
  expect(await page.locator('textarea').inputValue()).toBe('half written')
  await page.context().close()
})

test('a canned reply is put in with what the chat is about, and not sent while something is missing', async () => {
  const { page } = await scene.page()
  await rows(page).filter({ hasText: 'You lead' }).first().click()
  const about = await page.getByRole('heading', { level: 2 }).first().innerText()
  await page.keyboard.press('r')
  await page.keyboard.type('/pri')
  await page.keyboard.press('Enter')
  const filled = /^For your (.+) we can pay from ([\d.]+) to ([\d.]+) ([A-Z]{3}), today\.$/
  const [, ...values] = filled.exec(await page.locator('textarea').inputValue())!
  for (const value of values) expect(about).toContain(value)
  await page.locator('textarea').fill('/agr')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('{agreedPrice}').waitFor()
  // it is selected already: what is typed takes its place
  await page.keyboard.type('11.50')
  await page.keyboard.press('Enter')
  await page.getByRole('log').getByText('So we agree on 11.50').waitFor()
  await page.context().close()
})

test('a note is kept with its author, apart from what was said, and can be taken out again', async () => {
  const { page } = await scene.page()
  await page.getByText('Mine', { exact: true }).click()
  await rows(page).filter({ hasText: 'You lead' }).last().click()
  await page.keyboard.press('m')
  await page.keyboard.type('Call him tomorrow')
  await page.keyboard.press('Enter')
  const notes = page.getByRole('region', { name: 'Notes' })
  await notes.getByText('Call him tomorrow').waitFor()
  expect(await notes.getByText('you,').count()).toBe(1)
  expect(await page.getByRole('log').getByText('Call him tomorrow').count()).toBe(0)
  await notes.getByRole('button', { name: 'Remove this note' }).last().click()
  await expect.poll(() => notes.getByText('Call him tomorrow').count()).toBe(0)
  await page.context().close()
})

test('a chat of a colleague’s is taken only after being asked, and then it is mine', async () => {
  const { page } = await scene.page()
  for (const group of NEEDED.slice(0, 2)) await page.locator('button[aria-expanded]').filter({ hasText: group }).click()
  await rows(page).filter({ hasText: 'борис leads' }).first().click()
  await page.keyboard.press('t')
  await page.keyboard.type('hi there friend')
  await page.keyboard.press('Enter')
  const banner = page.getByRole('status').filter({ hasText: 'борис leads this chat.' })
  await banner.getByText('What you typed is kept below and was not sent.').waitFor()
  expect(await page.getByRole('dialog').count()).toBe(0)
  expect(await page.locator('textarea').inputValue()).toBe('hi there friend')
  expect(await page.getByRole('log').getByText('hi there friend').count()).toBe(0)
  expect(await violations(page)).toEqual([])

  await banner.getByRole('button', { name: 'Take it anyway' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Take this chat from борис?').waitFor()
  await expect
    .poll(() => dialog.getByRole('button', { name: 'Cancel' }).evaluate((it) => it.matches(':focus')))
    .toBe(true)
  await dialog.getByRole('button', { name: 'Take from борис' }).click()
  await page.getByRole('button', { name: 'Give back' }).waitFor()
  expect(await page.locator('header').getByText('You lead').count()).toBe(1)
  await banner.waitFor({ state: 'detached' })
  await page.context().close()
})

test('what is read in one window is read in the other', async () => {
  const [one, two] = await Promise.all([scene.page(), scene.page()])
  await one.page.getByText('Unread', { exact: true }).click()
  await two.page.getByText('Unread', { exact: true }).click()
  const row = rows(one.page).filter({ hasText: 'unread' }).or(rows(one.page).locator('[data-mine]')).first()
  await row.waitFor()
  const shown = await rows(two.page).locator('[data-mine]').count()
  await one.page.bringToFront()
  await rows(one.page)
    .filter({ has: one.page.locator('[data-mine]') })
    .first()
    .click()
  await expect.poll(() => rows(two.page).locator('[data-mine]').count()).toBe(shown - 1)
  await Promise.all([one.page.context().close(), two.page.context().close()])
})

test('a stop word of the team’s own is added once, and taken out again', async () => {
  const { page, said } = await scene.page()
  await openStopWords(page)
  const words = page.getByRole('list', { name: 'Stop words' })
  for (const word of ['No more mail', 'no  MORE mail']) {
    await page.getByRole('textbox', { name: 'A word or a phrase' }).fill(word)
    await page.keyboard.press('Enter')
    await words.getByText('no more mail').waitFor()
  }
  await page.getByText('counts as a stop already').waitFor()
  await page.getByRole('button', { name: 'No longer count it: no more mail' }).click()
  await expect.poll(() => words.getByText('no more mail').count()).toBe(0)
  expect(said.filter((line) => !line.includes('409'))).toEqual([])
  await page.context().close()
})

test('the palette has the focus before a next key can come', async () => {
  const { page, said } = await scene.page()
  for (const place of ['1', '2', '3']) {
    await page.keyboard.press(place)
    const focused = await page.evaluate(async () => {
      const key = new KeyboardEvent('keydown', {
        code: 'KeyK',
        key: 'k',
        ctrlKey: true,
        bubbles: true,
        cancelable: true,
      })
      document.body.dispatchEvent(key)
      await Promise.resolve() // a key pressed now would come as the next task
      return document.activeElement?.closest('[data-palette]') != null
    })
    expect(focused).toBe(true)
    await page.keyboard.press('Control+k')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  }
  expect(said).toEqual([])
  await page.context().close()
})

test('the palette does and goes to anything by its name, without the mouse', async () => {
  const { page, said } = await scene.page()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('new task')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'New task' }).waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0)

  await page.keyboard.press('2')
  await page.keyboard.press('/')
  await page.keyboard.press('Control+k') // over a text field too
  const option = page.getByRole('group', { name: 'Chats' }).getByRole('option').first()
  await page.keyboard.type('karambit')
  await option.waitFor()
  const player = (await option.textContent())!.match(/\d{17}/)![0]
  while ((await option.getAttribute('aria-selected')) !== 'true') await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('log', { name: `Messages with ${player}` }).waitFor()

  await rows(page).filter({ hasText: 'leads' }).first().click() // one that is open
  await page.keyboard.press('Control+k')
  await page.keyboard.type('write a message')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('textarea:focus').count()).toBe(1)
  expect(said).toEqual([])
  await page.context().close()
})

test.for([{}, { dark: true, language: 'ru-RU' }, { width: 390 }] satisfies Look[])(
  'a viewer reads everything, and is told of what their role may not do (%o)',
  async (look) => {
    const { page, said } = await scene.pageAs('viewer', look)
    const given: string[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/api/command')) given.push(request.postData() ?? '')
    })
    await rows(page).nth(1).click()
    await page.getByRole('log').locator('[data-kind]').first().waitFor()
    expect(await page.locator('textarea').count()).toBe(0)
    await page.getByText(/Your role is “Viewer”|Ваша роль — «Наблюдатель»/).waitFor()
    const takeOver = page.getByRole('button', { name: /^(Take|Взять|Забрать)/ }).first()
    expect(await takeOver.getAttribute('aria-disabled')).toBe('true')
    await takeOver.click({ force: true })
    for (const key of ['t', 'n', 'm', 'r', 'x', '2', 'n']) await page.keyboard.press(key)
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(await page.getByRole('checkbox').count()).toBe(0)
    await rows(page).nth(2).click()
    expect(await violations(page)).toEqual([])
    expect(given).toEqual([]) // not even a mark of what was read: the team has not seen it
    expect(said).toEqual([])
    await page.context().close()
  },
)

test('what is written in a chat that has ended begins a new one, which is said before and shown after', async () => {
  const { page } = await scene.page()
  for (const name of [...NEEDED, 'Wait for the player', 'Led by the agent', 'Closed']) {
    await page.locator('button[aria-expanded]').filter({ hasText: name }).click()
  }
  const left = page.getByText('This player wants to be left alone')
  const free = page.getByText('What you write begins a new one')
  await rows(page).filter({ hasText: 'stop' }).first().click()
  await left.waitFor()
  expect(await page.locator('textarea').isDisabled()).toBe(true)

  await rows(page).filter({ hasNotText: 'stop' }).filter({ hasText: '7656' }).first().click()
  await free.waitFor()
  await page.keyboard.press('r')
  await page.keyboard.type('Is the trade offer there?')
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Enter')
  await page.getByText('there is no task').waitFor()
  await page.getByRole('log').getByText('Is the trade offer there?').waitFor()
  expect(await page.locator('header').getByText('You lead').count()).toBe(1)
  await page.context().close()
})

test('a line that may not have arrived marks its chat, and somebody sends it again or discards it', async () => {
  const { page } = await scene.page()
  const marked = rows(page).filter({ has: page.locator('[data-need=inDoubt]') })
  const log = page.getByRole('log')
  const [again, discard] = ['Send again', 'Discard'].map((name) => log.getByRole('button', { name }))
  const before = await marked.count()
  await marked.first().click()
  await page.locator('header').getByText('Nobody leads, a message may not have arrived').waitFor()
  await log.getByText('its history has not shown this').waitFor()
  await page.getByPlaceholder(/^Write to/).waitFor()
  for (const text of ['It is not known whether a message', 'Send it again or discard it', 'For this reason since'])
    expect(await page.locator('aside').getByText(text).count()).toBe(1)
  expect(await violations(page)).toEqual([])
  await discard!.focus()
  await page.keyboard.press('Enter')
  await log.getByText('left it at that').waitFor()
  await expect.poll(async () => [await discard!.count(), await marked.count()]).toEqual([0, before - 1])

  await marked.first().click()
  await again!.click()
  await log.getByText('Sent again below').waitFor()
  await expect.poll(() => marked.count()).toBe(before - 2)
  await page.context().close()
})

test('a line that waits says for what and until when, and can be taken back, in the language of the page', async () => {
  const { page } = await scene.page({ language: 'ru-RU' })
  await page.getByPlaceholder('Игрок, предмет').fill('One moment, I am asking')
  await page.getByRole('button', { name: 'Ждут вас: ничьи' }).waitFor({ state: 'detached' })
  await rows(page).filter({ hasText: 'Ведёте вы' }).first().click()
  const log = page.getByRole('log')
  await log.getByText('Steam пока не принял. Следующая попытка в').first().waitFor()
  await log.getByRole('img', { name: 'Ждёт отправки' }).waitFor()
  expect(await log.getByRole('button', { name: 'Отправить снова' }).count()).toBe(0)
  expect(await log.getByRole('button', { name: 'Не отправлять' }).count()).toBe(1)
  await page.context().close()
})

test('on a phone with its keyboard open, the last words stay in sight above the canned replies', async () => {
  const { page } = await scene.page({ width: 390 })
  await page.setViewportSize({ width: 390, height: 460 })
  await rows(page).filter({ hasText: 'You lead' }).first().click()
  await page.locator('textarea').focus()
  await page.keyboard.type('/')
  await page.getByRole('option').nth(3).waitFor()
  const last = page.getByRole('log').locator('[data-kind]').last()
  await expect
    .poll(async () => {
      const [words, picker] = await Promise.all([last.boundingBox(), page.getByRole('listbox').boundingBox()])
      const log = await page.getByRole('log').boundingBox()
      const end = words!.y + words!.height
      return end >= log!.y + 30 && end <= picker!.y
    })
    .toBe(true)
  await page.context().close()
})

test('the palette changes the colours, and asks before it puts away the task that is looked at', async () => {
  const { page, said } = await scene.page()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('colours dark')
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('Enter')
  await page.locator('html[data-mantine-color-scheme=dark]').waitFor()
  await page.keyboard.press('2')
  await rows(page).nth(2).click()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('put the task')
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Put this task away?' }).waitFor()
  expect(await violations(page)).toEqual([])
  expect(said).toEqual([])
  await page.context().close()
})

test('many tasks are chosen, previewed and put away at once, and a refusal stands beside its task', async () => {
  const { page } = await scene.page()
  await page.keyboard.press('2')
  const group = (name: string) => page.locator('button[aria-expanded]').filter({ hasText: name })
  for (const name of ['Talking', 'Invited', 'Waiting to invite']) await group(name).click()
  const tasksOf = (status: string) =>
    page.evaluate(
      (wanted) => window.switchboard.state().tables.tasks.filter((task) => task.status === wanted).length,
      status,
    )
  const [created, disposed] = [await tasksOf('created'), await tasksOf('disposed')]
  expect(created).toBeGreaterThan(4)

  const boxes = page.locator('[data-key] input[type=checkbox]')
  await boxes.nth(0).click({ force: true })
  await rows(page)
    .filter({ hasText: '7656' })
    .nth(2)
    .click({ modifiers: ['Shift'] })
  await page.getByText('3 chosen').waitFor()
  // one that has ended is chosen too, by key: the preview says why it stays as it is
  await group('Waiting for a bot').click()
  await group('Failed').click()
  await rows(page)
    .filter({ has: page.getByRole('img', { name: 'Failed' }) })
    .first()
    .click()
  await page.keyboard.press('x')
  await page.getByText('4 chosen').waitFor()

  let asked = 0
  await page.route('**/api/command', async (route) => {
    const { kind } = route.request().postDataJSON() as { kind: string }
    if (kind !== 'DisposeTask' || (asked += 1) !== 2) return route.fallback()
    const error = { code: 'busy', message: 'The task is being carried out just now.' }
    return route.fulfill({ status: 409, json: { ok: false, error } })
  })
  await page.getByRole('toolbar').getByRole('button', { name: 'Put away' }).click()
  const dialog = page.getByRole('dialog', { name: 'Put 3 tasks away?' })
  await dialog.getByText('It fits 3 of the 4 chosen.').waitFor()
  await dialog.getByText('It has ended already: Failed.').waitFor()
  expect(await tasksOf('disposed')).toBe(disposed) // a preview does nothing
  await dialog.getByLabel('Reason').fill('Sold elsewhere')
  await dialog.getByRole('button', { name: 'Put away (3)' }).click()
  await dialog.getByText('2 of 3 done. 1 refused.').waitFor()
  await dialog.getByText('The task is being carried out just now.').waitFor()
  expect(await violations(page)).toEqual([])
  await expect.poll(() => tasksOf('created')).toBe(created - 2)
  await expect.poll(() => tasksOf('disposed')).toBe(disposed + 2)

  // what was not done stays chosen, to be tried again
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await page.getByText('2 chosen').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('toolbar').waitFor({ state: 'detached' })
  await page.context().close()
})

test('one invite more is allowed beside the task, in the palette, and where a new task is refused for it', async () => {
  const { page } = await scene.page()
  const allow = page.getByRole('button', { name: 'Allow one more invite', exact: true })
  const ask = page.getByRole('dialog', { name: 'Allow one more invite to this player?' })
  const { tables } = await page.evaluate(() => window.switchboard.state())
  const [one, two] = tables.players.filter(({ inviteRefusal }) => inviteRefusal === 'inDoubt')
  const find = async (player: string) => {
    await page.locator('[data-search]').fill(player)
    await rowOf(page, player).click()
    await page.locator('aside').getByText('list does not show it').waitFor()
  }
  await page.keyboard.press('2')
  await find(one!.steamId64)
  await allow.click()
  await ask.getByText('Look at their profile first').waitFor()
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Enter')
  await ask.waitFor({ state: 'detached' })
  await allow.waitFor({ state: 'detached' })

  await find(two!.steamId64)
  await allow.waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('one more invite')
  await page.keyboard.press('Enter')
  await ask.waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('n')
  const form = page.getByRole('dialog', { name: 'New task' })
  for (const [index, value] of [two!.steamId64, 'AK-47', '10', '12'].entries())
    await form.locator('input').nth(index).fill(value)
  await form.getByRole('button', { name: 'Create the task' }).click()
  await form.getByText('may have seen an invite').waitFor()
  expect(await violations(page)).toEqual([])
  await form.getByRole('button', { name: 'Allow one more invite' }).click()
  await ask.getByRole('button', { name: 'Allow one more invite' }).click()
  await ask.waitFor({ state: 'detached' })
  await form.getByText('may have seen an invite').waitFor({ state: 'detached' })
  await page.context().close()
})
