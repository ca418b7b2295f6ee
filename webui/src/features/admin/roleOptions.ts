import type { Role } from '@/contract/enums'
import type { Texts } from '@/i18n/en/texts'

/** The options of a role select, from the least to the most privileged. */
export function roleOptions(texts: Texts): { value: Role; label: string }[] {
  const roles: readonly Role[] = ['viewer', 'operator', 'developer', 'admin']
  return roles.map((value) => ({ value, label: texts.access.role[value] }))
}
