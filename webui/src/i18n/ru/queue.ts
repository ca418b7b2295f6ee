/** The texts of the queue of chats that need a person, in Russian. */
import type { DeskTexts, QueueTexts } from '@/i18n/en/queue'
import { many } from '@/i18n/ru/plural'

export const queueTexts: QueueTexts = {
  chatGroup: {
    mine: 'Ждут вас: мои',
    nobodys: 'Ждут вас: ничьи',
    colleagues: 'Ждут коллегу',
    byHand: 'Ждём игрока',
    snoozed: 'Отложены',
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
      assigned: () => 'передан вам',
      named: () => 'вас зовут',
      waits: (time) => `ждёт ${time}`,
      snoozeDue: () => 'пора вернуться',
      trade: () => 'провести обмен',
    },
    why: {
      notSent: 'Наше последнее сообщение не отправлено.',
      inDoubt: 'Сообщение могло не дойти: отправьте его снова или отбросьте.',
      reversed: 'Steam отменил обмен.',
      agentOff: 'Агент отключён из-за сбоя, и никто не ведёт чат.',
      assigned: 'Коллега передаёт вам этот чат.',
      named: 'Коллега зовёт вас в заметке.',
      waits: 'Игрок ждёт человека.',
      snoozeDue: 'Время, до которого чат отложили, прошло.',
      trade: 'О цене договорились, осталось провести обмен.',
    },
    limit: 'Позвать, если игрок ждёт дольше',
    noLimit: 'Не звать',
    overLimit: (time) => `Игрок ждёт уже ${time}`,
  },
}

export const deskTexts: DeskTexts = {
  desk: {
    snooze: 'Отложить',
    snoozeTitle: 'Отложить чат',
    until: {
      hour: 'На час',
      threeHours: 'На три часа',
      evening: 'До вечера, 18:00',
      tomorrow: 'До завтра, 9:00',
      week: 'На неделю, 9:00',
      player: 'Пока не напишет игрок',
    },
    at: 'На время',
    set: 'Отложить',
    snoozed: (who, when) => `${who} откладывает чат до ${when} или пока не напишет игрок.`,
    snoozedOpen: (who) => `${who} откладывает чат, пока не напишет игрок.`,
    due: (who, when) => `${who}: чат был отложен до ${when}.`,
    takeUp: 'Вернуться сейчас',
    handOver: 'Передать',
    handOverTo: 'Кому',
    nobodyElse: 'Здесь ещё никто другой не работал.',
    note: 'Заметка для коллеги',
    notYours: (who) => `Этот чат ведёт ${who}: сначала возьмите его себе.`,
    handed: 'Передать',
  },
  standing: {
    title: 'На чём остановились',
    offered: (prices) => `Мы предлагали ${prices}`,
    notOffered: (range) => `Цену ещё не предлагали, диапазон ${range}`,
    asked: (price) => `игрок просил ${price}`,
    notAsked: 'игрок цену не называл',
    agreed: (price) => `договорились на ${price}`,
    stopped: (why) => `агент остановлен: ${why}`,
    waits: (time) => `игрок ждёт ${time}`,
  },
}
