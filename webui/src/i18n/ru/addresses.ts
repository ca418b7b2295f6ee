/** Addresses, in Russian. */
import type { addressTexts as en } from '@/i18n/en/addresses'

export const addressTexts: typeof en = {
  address: {
    copy: 'Скопировать ссылку',
    gone: 'Здесь этого нет',
    goneHint: 'Удалено, закончилось давно, или ссылка ведёт в другую систему.',
    notSteam: 'не Steam',
  },
}
