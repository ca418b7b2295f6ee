import { expect, test } from 'vitest'

import type { CommandError } from '@/commands/send'
import { BOT_REASONS, MESSAGE_REASONS, REFUSAL_CODES, TASK_REASONS } from '@/contract/enums'
import { explainBot, explainTask, type Words } from '@/explain/explain'
import { explainDelivery, refusalText } from '@/explain/reasons'
import type { Texts } from '@/i18n/en/texts'
import { LANGUAGES } from '@/i18n/languages'

import { bot, NOON, task } from '../rows'

const en: Words = { texts: LANGUAGES.en.texts, language: 'en', now: NOON }
const ru: Words = { texts: LANGUAGES.ru.texts, language: 'ru', now: NOON }

test('every code has a sentence in both languages, and no two languages the same', () => {
  const sentences = ({ explain, refusals }: Texts) => [
    ...BOT_REASONS.map((code) => explain.botReasons[code].why),
    ...TASK_REASONS.map((code) => explain.taskReasons[code].why),
    ...MESSAGE_REASONS.map((code) => explain.messageReasons[code].why),
    ...REFUSAL_CODES.map((code) => refusals[code]),
  ]
  const [english, russian] = [sentences(en.texts), sentences(ru.texts)]
  for (const [index, sentence] of english.entries()) {
    expect(sentence).toMatch(/^[A-Z][^а-яё]+[.]$/i)
    expect(russian[index]).toMatch(/^[А-ЯЁS].*[а-яё].*[.]$/)
  }
})

test('whoever has to act is told what to do, in the language of the page', () => {
  const banned = bot({
    status: 'authFailed',
    reason: 'account.banned',
    detail: 'Steam answered Banned (17) to the logon: the account is banned; remove the bot',
    nextStep: 'The account is banned; remove the bot.',
  })
  expect(explainBot(banned, ru)).toEqual({
    tone: 'bad',
    why: 'Steam заблокировал аккаунт.',
    next: 'Удалите бота.',
    said: `${banned.detail} ${banned.nextStep}`,
  })
  expect(explainBot(banned, en)).toEqual({ tone: 'bad', why: banned.detail, next: banned.nextStep })
})

test('who may not see the server’s words is told what the code says', () => {
  const seen = bot({ status: 'authFailed', reason: 'account.banned', detail: '', nextStep: '' })
  expect(explainBot(seen, en)).toEqual({ tone: 'bad', why: 'Steam has banned the account.', next: 'Remove the bot.' })
  expect(explainBot(seen, ru)).toEqual({ tone: 'bad', why: 'Steam заблокировал аккаунт.', next: 'Удалите бота.' })
})

test('a reason that nobody here knows leaves its words as a quotation after the page’s own sentence', () => {
  const strange = bot({ status: 'authFailed', reason: 'other.strange', detail: 'The moon is full.', nextStep: 'Wait.' })
  expect(explainBot(strange, ru)).toEqual({
    tone: 'bad',
    why: 'Не может войти.',
    next: 'Нужен человек.',
    said: 'The moon is full. Wait.',
  })
  // a code such as this is no key of ours, though every object has it
  expect(explainBot({ ...strange, reason: 'constructor' }, ru).why).toBe('Не может войти.')
})

test('a task that failed at its invite is told as the refusal of it', () => {
  const failed = task({ status: 'failed', reason: 'playerBlocksBot', detail: 'Steam answered Blocked (40).' })
  expect(explainTask(failed, undefined, ru)).toEqual({
    tone: 'bad',
    why: 'Игрок заблокировал бота.',
    said: 'Steam answered Blocked (40).',
  })
})

test('a task says what a person can do about it: in the server’s words where it speaks the page’s language', () => {
  const waits = task({
    status: 'accepted',
    reason: 'messageInDoubt',
    detail: 'Nobody knows whether it arrived.',
    nextStep: 'Look into the chat.',
  })
  expect(explainTask(waits, undefined, en)).toMatchObject({ why: waits.detail, next: waits.nextStep })
  const { said, next } = explainTask(waits, undefined, ru)
  expect([said, next]).toEqual([waits.detail, ru.texts.explain.taskReasons.messageInDoubt.next])
  const strange = { ...waits, reason: 'of another day' }
  expect(explainTask(strange, undefined, ru)).toMatchObject({ said: waits.detail, next: waits.nextStep })
})

test('why a message failed is told by its code, and its words are kept as a quotation', () => {
  const lost = { delivery: 'failed', reason: 'inDoubt', error: 'It may or may not have arrived: no answer.' } as const
  expect(explainDelivery(lost, ru.texts)).toMatchObject({ why: 'Неизвестно, дошло ли.', said: lost.error })
  expect(explainDelivery(lost, en.texts)).toMatchObject({ why: lost.error })
  const refused = { delivery: 'failed', reason: 'notFriends', error: null } as const
  expect(explainDelivery(refused, ru.texts)?.why).toBe('Игрок больше не в друзьях у бота.')
  // from a journal of the time before there were codes
  expect(explainDelivery({ delivery: 'failed', reason: null, error: 'The bot was removed.' }, ru.texts)).toEqual({
    why: 'Не отправлено.',
    said: 'The bot was removed.',
  })
})

test('a message that waits, is looked for or may not have arrived says so, and one that is simply on its way says nothing', () => {
  const error = 'In the server’s words.'
  expect(explainDelivery({ delivery: 'queued', reason: null, error: null }, en.texts)).toBeUndefined()
  expect(explainDelivery({ delivery: 'sending', reason: null, error: null }, en.texts)).toBeUndefined()
  expect(explainDelivery({ delivery: 'sent', reason: null, error: null }, en.texts)).toBeUndefined()
  expect(explainDelivery({ delivery: 'queued', reason: 'botOffline', error }, en.texts)?.why).toBe(error)
  expect(explainDelivery({ delivery: 'queued', reason: 'botOffline', error }, ru.texts)).toEqual({
    why: 'Бот не в сети: уйдёт, когда он вернётся.',
    said: error,
  })
  expect(explainDelivery({ delivery: 'queued', reason: 'of another day', error: null }, ru.texts)?.why).toBe(
    'Ждёт отправки.',
  )
  expect(explainDelivery({ delivery: 'sending', reason: 'unanswered', error }, en.texts)?.why).toMatch(/its history/)
  expect(explainDelivery({ delivery: 'inDoubt', reason: 'inDoubt', error }, ru.texts)?.next).toMatch(/Steam/)
})

test('a refusal is told in the language of the page, with the server’s words where they say more', () => {
  const closed: CommandError = { code: 'chatClosed', message: 'The chat is closed: no agent says anything in it.' }
  expect(refusalText(closed, en.texts)).toBe(closed.message)
  expect(refusalText(closed, ru.texts)).toBe('Чат закрыт.')
  expect(refusalText({ code: 'invalidCommand', message: 'Give 1 to 200 characters' }, ru.texts)).toBe(
    'Сервер не принимает это значение. Исправьте его. «Give 1 to 200 characters»',
  )
  expect(refusalText({ code: 'plugin.strange', message: 'Not on Sundays.' }, ru.texts)).toBe(
    'Сервер отказал в этом. «Not on Sundays.»',
  )
  expect(refusalText({ code: 'network', message: '' }, ru.texts)).toMatch(/^Сервер не ответил\./)
})
