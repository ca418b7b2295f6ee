import { describe, expect, test } from 'vitest'

import { ROLES } from '@/contract/enums'
import type { ChatId } from '@/contract/ids'
import { type ChatQuery, chatMatcher } from '@/features/chats/grouping'
import { neighbour } from '@/features/chats/neighbour'
import { messageItems } from '@/features/multichat/messageItems'
import { otherContact } from '@/features/multichat/useOtherContact'
import { steamIdIn } from '@/features/tasks/steamId'
import { layOut, offsetOf, rowsBetween } from '@/lists/layout'
import { may } from '@/session/roles'

import { chat, message, NOON, task } from '../rows'

describe('the list of chats', () => {
  const query = (fields: Partial<ChatQuery>): ChatQuery => ({
    search: '',
    filter: 'all',
    me: 'operator:anna',
    reading: { me: 'operator:anna', caughtUpAt: 0, teamSince: 0, here: {} },
    keep: null,
    taskOf: () => task({ item: '★ Karambit | Doppler' }),
    playerNameOf: () => 'Рыжий Лис',
    botNameOf: () => 'trader-07',
    ...fields,
  })
  const talk = chat({ messages: [message({ text: 'Сколько стоит (примерно)?' })], owner: 'operator:boris' })

  test('finds a chat by what was said, the item, the bot and the player, all words together, in any case', () => {
    const found = (search: string) => chatMatcher(query({ search }))?.(talk)
    expect(found('СКОЛЬКО karambit')).toBe(true)
    expect(found('(примерно)')).toBe(true)
    expect(found('trader-07 7656119800')).toBe(true)
    expect(found('рыжий 7656119800')).toBe(true)
    expect(found('karambit ruby')).toBe(false)
  })

  test('shows as mine what I lead', () => {
    expect(chatMatcher(query({ filter: 'mine' }))?.(talk)).toBe(false)
    expect(chatMatcher(query({ filter: 'mine', me: 'operator:boris' }))?.(talk)).toBe(true)
  })

  test('shows as unread what is mine to read, as unseen what nobody has read, and keeps what is open', () => {
    const shows = (fields: Partial<ChatQuery>, of: Partial<typeof talk> = {}) =>
      chatMatcher(query(fields))?.({ ...talk, agentEnabled: false, ...of })
    const annas = { owner: 'operator:anna' }
    expect(shows({ filter: 'unread' }, annas)).toBe(true)
    expect(shows({ filter: 'unread' })).toBe(false) // it is Boris's
    expect(shows({ filter: 'unseen' })).toBe(true)
    const read = { ...annas, read: { 'operator:anna': talk.messages[0]!.id } }
    expect(shows({ filter: 'unread' }, read)).toBe(false)
    expect(shows({ filter: 'unseen' }, read)).toBe(false)
    expect(shows({ filter: 'unread', keep: talk.id }, read)).toBe(true)
  })

  test('is gone through by key, and the next unread is looked for all around', () => {
    const rows = ['a', 'b', 'c'].map((id) => chat({ id: id as ChatId }))
    const step = (active: string | null, where: Parameters<typeof neighbour>[2], unread: string[] = []) =>
      neighbour(rows, active as ChatId | null, where, ({ id }) => unread.includes(id))?.id
    expect(step(null, 'next')).toBe('a')
    expect(step('a', 'next')).toBe('b')
    expect(step('c', 'next')).toBeUndefined()
    expect(step('a', 'previous')).toBeUndefined()
    expect(step('b', 'nextUnread', ['a'])).toBe('a')
    expect(step('b', 'nextUnread', ['b'])).toBeUndefined()
  })
})

describe('the lines of a chat', () => {
  test('have a mark where a new day begins, and stand together when one author goes on', () => {
    const laid = messageItems([
      message({ ts: NOON }),
      message({ ts: NOON + 1_000 }),
      message({ ts: NOON + 2_000, author: 'operator:anna', from: 'bot' }),
      message({ ts: NOON + 30 * 3_600_000, author: 'operator:anna', from: 'bot' }),
    ])
    expect(
      laid.map((line) => (line.kind === 'day' ? 'day' : `${line.first ? 'first' : ''}${line.last ? 'last' : ''}`)),
    ).toEqual(['day', 'first', 'last', 'firstlast', 'day', 'firstlast'])
  })

  test('do not stand together where the agent has become another version between them', () => {
    const said = { ts: NOON, author: 'agent:scripted_agent', from: 'bot' } as const
    const laid = messageItems([
      message({ ...said, authorVersion: '1.2' }),
      message({ ...said, authorVersion: '1.2' }),
      message({ ...said, authorVersion: '1.3' }),
    ])
    expect(laid.filter((line) => line.kind !== 'day').map((line) => line.first)).toEqual([true, false, true])
  })
})

describe('a grouped list', () => {
  const shown = {
    groups: [
      { name: 'a', rows: Array.from({ length: 1_000 }, (_, index) => ({ id: index })) },
      { name: 'none', rows: [] },
      { name: 'b', rows: [{ id: 5_000 }] },
    ],
    total: 1_001,
  }
  const layout = layOut(shown, 50, () => false)

  test('lies in sections one below the other, without those that are empty', () => {
    expect(layout.sections.map(({ name, top }) => [name, top])).toEqual([
      ['a', 0],
      ['b', 32 + 50_000],
    ])
    expect(layout.height).toBe(32 + 50_000 + 32 + 50)
    expect(layOut(shown, 50, (name) => name === 'a').height).toBe(32 + 32 + 50)
  })

  test('draws what is in sight, and a few rows around it', () => {
    const drawn = rowsBetween(layout.sections[0]!, 50, 10_032, 10_132, 2)
    expect(drawn.map(({ row }) => row.id)).toEqual([198, 199, 200, 201, 202, 203])
    expect(drawn[0]?.top).toBe(32 + 198 * 50)
    expect(rowsBetween(layout.sections[0]!, 50, 0, 10, 0)).toHaveLength(0)
  })

  test('knows where a row lies', () => {
    expect(offsetOf(layout, 50, shown.groups[2]!.rows[0]!)).toBe(32 + 50_000 + 32)
    expect(offsetOf(layout, 50, { id: -1 })).toBeUndefined()
  })
})

describe('a player, as operators paste them', () => {
  test('is found in a profile link, and otherwise left to the server to judge', () => {
    expect(steamIdIn('https://steamcommunity.com/profiles/76561198000000001/')).toBe('76561198000000001')
    expect(steamIdIn('  76561198000000001 ')).toBe('76561198000000001')
    expect(steamIdIn('gaben')).toBe('gaben')
  })
})

describe('a chat that has ended', () => {
  const ended = chat({ status: 'closed' })

  test('can be begun anew unless we talk with its player elsewhere, or are about to', () => {
    const found = (chats: Parameters<typeof chat>[0][], tasks: Parameters<typeof task>[0][]) =>
      otherContact({ chats: chats.map(chat), tasks: tasks.map(task) } as never, ended)
    expect(found([{ status: 'closed' }], [{ status: 'resolved' }])).toEqual({ chat: undefined, task: undefined })
    expect(found([{ playerSteamId64: '7' as never }], [{ playerSteamId64: '7' as never }])).toEqual({
      chat: undefined,
      task: undefined,
    })
    expect(found([{ id: 'chat_2' as ChatId }], []).chat?.id).toBe('chat_2')
    expect(found([], [{ status: 'invited' }]).task?.status).toBe('invited')
  })
})

test('each role may what the server lets it, and an unknown one is left to the server', () => {
  expect(ROLES.map((role) => may(role, 'SendMessage'))).toEqual([false, false, true, true, true])
  expect(ROLES.map((role) => may(role, 'MarkRead'))).toEqual([false, false, true, true, true])
  expect(ROLES.map((role) => may(role, 'RemoveBot'))).toEqual([false, false, false, true, true])
  expect(may(undefined, 'RemoveBot')).toBe(true)
})
