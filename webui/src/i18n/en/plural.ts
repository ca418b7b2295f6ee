/** `1 task`, `1,000 tasks` */
export function many(count: number, one: string, other: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : other}`
}
