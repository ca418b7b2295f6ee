const rules = new Intl.PluralRules('ru')

/** `1 задача`, `2 задачи`, `1 000 задач` */
export function many(count: number, one: string, few: string, other: string): string {
  const rule = rules.select(count)
  return `${count.toLocaleString('ru')} ${rule === 'one' ? one : rule === 'few' ? few : other}`
}
