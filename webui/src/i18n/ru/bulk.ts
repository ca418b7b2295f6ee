/** The texts of bulk commands, in Russian. */
import type { BulkTexts } from '@/i18n/en/bulk'
import { many } from '@/i18n/ru/plural'

export const bulkTexts: BulkTexts = {
  bulk: {
    title: 'Выбранные строки',
    chosen: (n) => `Выбрано: ${n.toLocaleString('ru')}`,
    all: (n) => `Выбрать все (${n.toLocaleString('ru')})`,
    none: 'Снять выбор',
    pick: (what) => `Выбрать: ${what}`,
    pickGroup: (group, n) => `Выбрать всю группу «${group}»: ${n.toLocaleString('ru')}`,
    groups: { todo: 'Будет сделано', unfit: 'Останутся как есть', refused: 'Отказано', done: 'Сделано' },
    preview: (fits, unfit) =>
      fits === 0
        ? 'Не подходит ни одна из выбранных строк: ничего не изменится.'
        : unfit === 0
          ? `Подходят все выбранные: ${fits.toLocaleString('ru')}.`
          : `Подходят ${fits.toLocaleString('ru')} из ${(fits + unfit).toLocaleString('ru')} выбранных.`,
    progress: (done, all) => `Сделано ${done.toLocaleString('ru')} из ${all.toLocaleString('ru')}.`,
    refusals: (n) => `Отказано: ${n.toLocaleString('ru')}.`,
    stop: 'Остановить',
    stopped: 'Остановлено.',
    goOn: (n) => `Продолжить, осталось ${n.toLocaleString('ru')}`,
    cut: (why) => `${why} Остальное не сделано; продолжите, когда сервер снова ответит.`,
    gone: 'Этой строки больше нет.',
    dispose: (n) => `Снять ${many(n, 'задачу', 'задачи', 'задач')}?`,
    ended: (status) => `Уже завершена: ${status}.`,
    takeOver: (n) => `Взять себе ${many(n, 'чат', 'чата', 'чатов')}?`,
    takeOverHint: 'Агент больше ничего в них не скажет, вести их будете вы.',
    giveBack: (n) => `Вернуть агенту ${many(n, 'чат', 'чата', 'чатов')}?`,
    giveBackHint: 'Агент продолжит с того места, где остановился разговор.',
    markRead: 'Прочитано',
    markReadTitle: (n) => `Отметить ${many(n, 'чат', 'чата', 'чатов')} прочитанными для вас?`,
    markReadHint: 'Всё, что написали игроки, будет считаться прочитанным вами, до последней строки.',
    close: 'Закрыть',
    closeTitle: (n) => `Закрыть ${many(n, 'чат', 'чата', 'чатов')}?`,
    closeHint: 'Задачи будут сняты, игрокам больше ничего не скажут.',
    closed: 'Чат закрыт.',
    mine: 'Вы его уже ведёте.',
    theirs: (who) => `Его ведёт ${who}: заберите его в самом чате, где можно договориться.`,
    theirsToGive: (who) => `Его ведёт ${who}.`,
    agentLeads: 'Его уже ведёт агент.',
    noTask: 'Нет задачи, о которой мог бы говорить агент.',
    noTaskToClose: 'Нет задачи, которую можно снять. Чат закончится сам.',
    nothingUnread: 'Непрочитанного в нём нет.',
    remove: (n) => `Удалить ${many(n, 'бота', 'ботов', 'ботов')}?`,
    reconnect: (n) => `Дать ${many(n, 'боту', 'ботам', 'ботам')} войти ещё раз?`,
    reconnectHint: 'Каждый получит ещё одну попытку входа, насколько позволяет предел одновременных входов.',
    onlineAlready: 'Он в сети.',
    signingIn: 'Он входит.',
  },
}
