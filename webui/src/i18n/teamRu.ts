/** The texts of what operators share with one another, in Russian. */
import type { teamEn } from '@/i18n/teamEn'

const rules = new Intl.PluralRules('ru')
const many = (count: number, one: string, few: string, other: string) => {
  const rule = rules.select(count)
  return `${count.toLocaleString('ru')} ${rule === 'one' ? one : rule === 'few' ? few : other}`
}

export const teamRu: typeof teamEn = {
  lead: {
    takeFrom: (who) => `Забрать себе (${who})`,
    takeFromTitle: (who) => `Забрать этот чат (ведёт ${who})?`,
    takeFromHint: (who) =>
      `Сейчас чат ведёт ${who} и увидит, что вы его забрали. Отправленное останется отправленным, а недописанное останется в черновике.`,
    notYours: (who) => `Этот чат ведёт ${who}: сначала заберите его, потом возвращайте агенту.`,
    besides: (who) => `Чат ведёт ${who}, но написать можете и вы`,
  },
  notes: {
    title: 'Заметки',
    only: 'Только для своих: игрок заметок не видит',
    count: (n) => many(n, 'заметка', 'заметки', 'заметок'),
    write: 'Заметка',
    message: 'Сообщение',
    mode: 'Что здесь пишется',
    composer: 'Заметка для коллег',
    add: 'Сохранить заметку',
    remove: 'Убрать эту заметку',
    show: 'Показать все заметки',
    hide: 'Показать только последнюю',
  },
  replies: {
    title: 'Готовые ответы',
    pick: 'Готовые ответы: наберите / и несколько букв',
    manage: 'Изменить список…',
    none: 'Такого готового ответа нет. Esc оставит всё как написано.',
    empty: 'Готовых ответов пока нет',
    emptyHint: 'Храните здесь то, что команда пишет часто. В чате наберите /, чтобы вставить ответ в сообщение.',
    add: 'Новый ответ',
    edit: 'Изменить',
    name: 'Название',
    nameHint: 'То, что набирают после /',
    text: 'Текст',
    textHint: 'Подставляется из чата: ',
    save: 'Сохранить',
    remove: 'Удалить',
    removeTitle: (title) => `Удалить «${title}»?`,
    removeHint: 'Он исчезнет у всей команды.',
    savedBy: (who, when) => `${who}, ${when}`,
    unfilled: (name) => `В этом чате нечего подставить вместо ${name}: допишите сами или уберите.`,
    variables: {
      item: 'предмет',
      priceMin: 'нижняя цена',
      priceMax: 'верхняя цена',
      currency: 'валюта',
      agreedPrice: 'согласованная цена',
      bot: 'бот',
      operator: 'вы',
    },
  },
  stopWords: {
    title: 'Стоп-слова',
    hint: 'Кто скажет одно из них, тому больше не пишут, как и тому, кто скажет «стоп». Обычные слова на русском и английском учтены и без этого списка.',
    empty: 'Своих слов пока нет',
    emptyHint: 'Добавьте то, чем ваши игроки просят оставить их в покое.',
    word: 'Слово или фраза',
    add: 'Добавить',
    remove: 'Больше не учитывать',
  },
  team: {
    title: 'Коллеги',
    here: (n) => `На месте: ${many(n, 'коллега', 'коллеги', 'коллег')}`,
    isHere: 'на месте',
    away: 'в другом окне',
    typing: 'пишет…',
    areTyping: (names) => `${names.join(', ')} ${names.length === 1 ? 'пишет' : 'пишут'} игроку…`,
    areLooking: (names) => `${names.join(', ')} ${names.length === 1 ? 'смотрит' : 'смотрят'} этот чат`,
  },
  alerts: {
    title: 'Оповещения',
    on: 'Оповещения включены',
    off: 'Оповещения выключены',
    sound: 'Звук',
    desktop: 'Уведомления на рабочем столе',
    permission: {
      denied: 'Браузер запрещает их для этой страницы: разрешите в его настройках.',
      impossible: 'Браузер показывает их только по https.',
    },
    scope: 'О каких чатах',
    scopes: { mine: 'О моих', mineAndNobodys: 'О моих и ничьих' },
    hint: 'Когда игрок пишет в чат, на который вы не смотрите, ваше сообщение не ушло или коллега забирает ваш чат.',
    kinds: {
      message: () => '',
      taken: (who) => `${who} забирает у вас этот чат`,
      failed: () => 'Ваше сообщение не отправлено',
      needed: () => 'Агент не может продолжать: нужен человек',
    },
  },
  retried: 'Отправлено снова ниже',
}
