import type { Role } from '@/contract/enums'
import type { Texts } from '@/i18n/en/texts'

/** The roles, from the one that may least. */
export function roleChoice(texts: Texts): { value: Role; label: string }[] {
  const roles: readonly Role[] = ['viewer', 'operator', 'developer', 'admin']
  return roles.map((value) => ({ value, label: texts.access.role[value] }))
}
