import { COMMAND_ROLES, type CommandKind } from '@/contract/commands'
import type { Role } from '@/contract/enums'
import { useTexts } from '@/i18n/useTexts'
import { useIdentity } from '@/session/identity'
import { reaches } from '@/session/roles'

/** Asks of any command why the role of whoever looks at this page does not allow it; undefined where it does. */
export function useWhyMayNot(): (kind: CommandKind) => string | undefined {
  const whyNot = useWhyRoleTooLow()
  return (kind) => whyNot(COMMAND_ROLES[kind])
}

/** The same of whatever takes at least this role. */
export function useWhyRoleTooLow(): (needed: Role) => string | undefined {
  const { access } = useTexts()
  const role = useIdentity()?.role
  return (needed) =>
    role === undefined || reaches(role, needed) ? undefined : access.tooLow(access.role[role], access.role[needed])
}
