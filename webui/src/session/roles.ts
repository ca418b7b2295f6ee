/** Permissions: the commands that a role allows, by the server's own table. */
import { COMMAND_ROLES, type CommandKind } from '@/contract/commands'
import { type Role, ROLES } from '@/contract/enums'
import { useIdentity } from '@/session/identity'

/** While the role is not known, everything is allowed here: the server checks it anyway. */
export function may(role: Role | undefined, kind: CommandKind): boolean {
  return reaches(role, COMMAND_ROLES[kind])
}

/** Is what takes the role `needed` allowed to this one? */
export function reaches(role: Role | undefined, needed: Role): boolean {
  return role === undefined || ROLES.indexOf(role) >= ROLES.indexOf(needed)
}

/** Does the role of this operator allow the command? */
export function useMay(kind: CommandKind): boolean {
  return may(useIdentity()?.role, kind)
}
