/** What the role of whoever looks at this page allows: the same table that the server goes by. */
import { COMMAND_ROLES, type CommandKind } from '@/contract/commands'
import { type Role, ROLES } from '@/contract/enums'
import type { Texts } from '@/i18n/en'
import { useTexts } from '@/i18n/useTexts'
import { useWho } from '@/session/useMe'

export function may(role: Role, kind: CommandKind): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(COMMAND_ROLES[kind])
}

/** Why this role may not give the command; undefined when it may, or while the role is not known: then the server judges. */
export function whyMayNot(role: Role | undefined, kind: CommandKind, texts: Texts): string | undefined {
  if (role === undefined || may(role, kind)) return undefined
  return texts.access.tooLow(texts.access.role[role], texts.access.role[COMMAND_ROLES[kind]])
}

/** Asks of any command why it may not be given here. */
export function useWhyMayNot(): (kind: CommandKind) => string | undefined {
  const texts = useTexts()
  const role = useWho()?.role
  return (kind) => whyMayNot(role, kind, texts)
}

export function useMay(kind: CommandKind): boolean {
  const role = useWho()?.role
  return role === undefined || may(role, kind)
}
