import { expect, test } from 'vitest'

import { AGENT_OFF_REASONS, type AgentOffReason, BOT_STATUSES, TASK_STATUSES } from '@/contract/enums'
import { actorName, explainBot, explainChat, explainTask, priceRange, queuePlace, type Words } from '@/explain/explain'
import { LANGUAGES } from '@/i18n/languages'

import { bot, chat, invite, message, NOON, task } from '../rows'

const en: Words = { texts: LANGUAGES.en.texts, language: 'en', now: NOON }
const ru: Words = { texts: LANGUAGES.ru.texts, language: 'ru', now: NOON }

test('every status of a bot and of a task explains itself in both languages', () => {
  for (const words of [en, ru]) {
    for (const status of BOT_STATUSES) expect(explainBot(bot({ status }), words).why).not.toBe('')
    for (const status of TASK_STATUSES) expect(explainTask(task({ status }), undefined, words).why).not.toBe('')
  }
})

test('what Steam said about a bot is told, and what a person should do', () => {
  const locked = bot({
    status: 'authFailed',
    reason: 'locked',
    detail: 'Steam has locked it.',
    nextStep: 'Sign in by hand.',
  })
  expect(explainBot(locked, en)).toEqual({ tone: 'bad', why: 'Steam has locked it.', next: 'Sign in by hand.' })
})

test('a known reason is told in the operator’s language, of an unknown one the server’s words are quoted', () => {
  const waiting = task({ reason: 'noBotConnected', detail: 'No bot is connected.' })
  expect(explainTask(waiting, undefined, en).why).toBe('No bot is connected.')
  expect(explainTask(waiting, undefined, ru).why).toContain('Ни один бот')
  expect(explainTask({ ...waiting, reason: 'somethingNew' }, undefined, ru)).toEqual({
    tone: 'wait',
    why: 'Её возьмёт следующий бот в сети.',
    said: 'No bot is connected.',
  })
})

test('a time that has passed is not announced any more', () => {
  const offline = bot({ status: 'disconnected', detail: 'The proxy is down.', retryAt: NOON + 60_000 })
  expect(explainBot(offline, en).why).toMatch(/^The proxy is down\. Next try at /)
  expect(explainBot(offline, { ...en, now: NOON + 61_000 }).why).toBe('The proxy is down.')
})

test('a chat says who leads it', () => {
  expect(explainChat(chat({ scriptStep: 'offer' }), undefined, en).why).toBe('Agent leads, step “offer”')
  const taken = chat({ agentEnabled: false, owner: 'operator:anna', messages: [message()] })
  expect(explainChat(taken, 'operator:anna', en)).toEqual({ tone: 'wait', why: 'You lead' })
  expect(explainChat(taken, 'operator:boris', ru).why).toBe('Ведёт anna')
})

test('an invite’s place counts those of its own bot that wait before it', () => {
  const mine = invite({ taskId: 'task_3' as never, queuedAt: NOON + 5 })
  const others = [
    invite({ taskId: 'task_1' as never, queuedAt: NOON }),
    invite({ taskId: 'task_2' as never, queuedAt: NOON + 9 }),
    invite({ taskId: 'task_4' as never, queuedAt: NOON, status: 'sent' }),
    invite({ taskId: 'task_5' as never, queuedAt: NOON, botId: 'bot_2' as never }),
  ]
  expect(queuePlace(mine, [mine, ...others])).toEqual({ place: 2, length: 3 })
})

test('prices keep their digits', () => {
  expect(priceRange({ priceMin: '0.10', priceMax: '999999999.99999999', currency: 'USD' })).toBe(
    '0.10 – 999999999.99999999 USD',
  )
  expect(priceRange({ priceMin: '5.00', priceMax: '5.00', currency: 'EUR' })).toBe('5.00 EUR')
})

test('actors are named as people know them', () => {
  expect(actorName('operator:anna', en.texts)).toBe('anna')
  expect(actorName('agent:scripted_agent', en.texts)).toBe('scripted agent')
  expect(actorName('player:76561198000000001', ru.texts)).toBe('игрок')
})

test('a chat that no person took says why its agent is off, and what to do', () => {
  const off = { agentEnabled: false, owner: 'plugin:dialogue' }
  const wrote = message({ from: 'bot', author: 'steam:elsewhere' })
  expect(explainChat(chat({ ...off, messages: [wrote, message()] }), 'operator:anna', en).why).toMatch(
    /^Nobody leads, somebody wrote as the bot with another Steam client: take the chat/,
  )
  expect(explainChat(chat(off), 'operator:anna', en).why).toMatch(/^Nobody leads, the agent could not go on/)
  expect(explainChat(chat(off), 'operator:anna', ru).why).toMatch(/^Никто не ведёт, агент не смог продолжить/)
})

test('the server’s own word on why the agent is off is told in both languages, whatever it is', () => {
  const off = (why: AgentOffReason) =>
    chat({ agentEnabled: false, owner: 'plugin:dialogue', agentOff: { why, since: NOON, by: '', detail: null } })
  for (const words of [en, ru]) {
    const told = AGENT_OFF_REASONS.map((why) => explainChat(off(why), undefined, words).why)
    expect(told.every((sentence) => sentence.split(', ').length > 1)).toBe(true)
    expect(new Set(told).size).toBe(AGENT_OFF_REASONS.length - 1)
  }
  expect(explainChat(off('messageInDoubt'), undefined, en).why).toMatch(
    /^Nobody leads, a message may not have arrived:/,
  )
})
