/** Addresses, in Russian. */
import type { addressTexts as en } from '@/i18n/en/addresses'

export const addressTexts: typeof en = {
  address: {
    copy: 'Скопировать ссылку',
    copied: 'Скопировано',
    gone: 'Здесь этого нет',
    goneHint: 'Удалено, закончилось давно, или ссылка ведёт в другую систему.',
    showAll: 'Показать все',
  },
}
