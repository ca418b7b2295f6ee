/** The texts of the queue of chats that need a person, in Russian. */
import type { QueueTexts } from '@/i18n/en/queue'
import { many } from '@/i18n/ru/plural'

export const queueTexts: QueueTexts = {
  chatGroup: {
    mine: 'Ждут вас: мои',
    nobodys: 'Ждут вас: ничьи',
    colleagues: 'Ждут коллегу',
    byHand: 'Ждём игрока',
    agent: 'Ведёт агент',
    closed: 'Закрытые',
  },
  queue: {
    title: (n) => many(n, 'чат ждёт вас', 'чата ждут вас', 'чатов ждут вас'),
    next: 'Следующий',
    nobody: 'Никто вас не ждёт',
    nobodyHint: (led) =>
      led === 0
        ? 'Вас позовут, когда чату понадобится человек.'
        : `Агент ведёт ${many(led, 'чат', 'чата', 'чатов')}. Вас позовут, когда понадобится человек.`,
    chip: {
      notSent: () => 'не ушло',
      inDoubt: () => 'ушло ли?',
      reversed: () => 'обмен отменён',
      agentOff: () => 'агент выкл.',
      waits: (time) => `ждёт ${time}`,
      trade: () => 'провести обмен',
    },
    why: {
      notSent: 'Наше последнее сообщение не отправлено.',
      inDoubt: 'Сообщение могло не дойти: отправьте его снова или отбросьте.',
      reversed: 'Steam отменил обмен.',
      agentOff: 'Агент отключён из-за сбоя, и никто не ведёт чат.',
      waits: 'Игрок ждёт человека.',
      trade: 'О цене договорились, осталось провести обмен.',
    },
    for: (time) => `уже ${time}`,
    limit: 'Позвать, если игрок ждёт дольше',
    noLimit: 'Не звать',
    overLimit: (time) => `Игрок ждёт уже ${time}`,
  },
}
