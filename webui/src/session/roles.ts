/** What a role allows: the same table that the server goes by. */
import { COMMAND_ROLES, type CommandKind } from '@/contract/commands'
import { type Role, ROLES } from '@/contract/enums'
import { useWho } from '@/session/useMe'

/** While the role is not known, nothing is kept from anybody here: the server judges. */
export function may(role: Role | undefined, kind: CommandKind): boolean {
  return role === undefined || ROLES.indexOf(role) >= ROLES.indexOf(COMMAND_ROLES[kind])
}

/** May whoever looks at this page give the command? */
export function useMay(kind: CommandKind): boolean {
  return may(useWho()?.role, kind)
}
