import { COMMAND_ROLES, type CommandKind } from '@/contract/commands'
import { useTexts } from '@/i18n/useTexts'
import { useIdentity } from '@/session/identity'
import { may } from '@/session/roles'

/** Asks of any command why the role of whoever looks at this page does not allow it; undefined where it does. */
export function useWhyMayNot(): (kind: CommandKind) => string | undefined {
  const { access } = useTexts()
  const role = useIdentity()?.role
  return (kind) =>
    role === undefined || may(role, kind)
      ? undefined
      : access.tooLow(access.role[role], access.role[COMMAND_ROLES[kind]])
}
