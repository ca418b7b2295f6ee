/** Addresses, in Russian. */
import type { addressTexts as en } from '@/i18n/en/addresses'

export const addressTexts: typeof en = {
  playerFault: {
    vanity:
      'В этой ссылке имя, выбранное игроком: SteamID в ней нет. Откройте её и скопируйте SteamID или ссылку на обмен.',
    group: 'Это группа, а не игрок.',
    notSteam: 'Эта ссылка ведёт не на steamcommunity.com.',
    several: 'Здесь несколько игроков: укажите одного.',
    unknown: 'Здесь нет игрока. Нужен SteamID64, Steam2, Steam3, ссылка на профиль или на обмен.',
  },
  address: {
    copy: 'Скопировать ссылку',
    gone: 'Здесь этого нет',
    goneHint: 'Удалено, закончилось давно, или ссылка ведёт в другую систему.',
    notSteam: 'не Steam',
  },
}
