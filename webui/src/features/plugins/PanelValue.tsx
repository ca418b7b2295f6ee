import type { PanelField } from '@/contract/panels'
import { inDigits } from '@/i18n/numbers'
import { exact, moment } from '@/i18n/time'
import { useWords } from '@/ui/useWords'

type Value = PanelField['value'] | undefined

/** Does it stand in a column of figures? */
export function isFigure(value: Value): boolean {
  return typeof value === 'number' || (typeof value === 'object' && value?.type === 'price')
}

/** A value as text, by what it says that it is. */
export function PanelValue({ value }: { value: Value }) {
  const { language, now } = useWords()
  if (value === null || value === undefined) return '–'
  if (typeof value === 'string') return <bdi>{value}</bdi>
  if (typeof value === 'number') return inDigits(value, language)
  switch (value.type) {
    case 'text':
      return value[language]
    case 'moment':
      return <time title={exact(value.at, language)}>{moment(value.at, now, language)}</time>
    case 'price':
      return `${value.amount} ${value.currency}`
  }
}
