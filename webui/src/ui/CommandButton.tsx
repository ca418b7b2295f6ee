import { Button, type ButtonProps, Tooltip } from '@mantine/core'
import type { ComponentPropsWithoutRef } from 'react'

import type { CommandKind } from '@/contract/commands'
import { useWhyMayNot } from '@/explain/useWhyMayNot'

type Props = ButtonProps & Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps>

/** A button that gives a command, or leads to one: disabled, with the reason, where the role does not allow it. */
export function CommandButton({ command, ...rest }: Props & { readonly command: CommandKind }) {
  return <ReasonedButton {...rest} why={useWhyMayNot()(command)} />
}

/** A button that does nothing while there is a reason why not, and shows that. */
export function ReasonedButton({ why, onClick, ...rest }: Props & { readonly why: string | undefined }) {
  if (why === undefined) return <Button {...rest} onClick={onClick} />
  return (
    <Tooltip label={why}>
      {/* not `disabled`: it could not be reached by key, and would say nothing to a mouse either */}
      <Button {...rest} data-disabled aria-disabled onClick={(event) => event.preventDefault()} />
    </Tooltip>
  )
}
