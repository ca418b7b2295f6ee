import type { ComponentPropsWithoutRef, MouseEvent } from 'react'

import { openAddress } from '@/store/addresses'
import { useAppStore } from '@/store/store'

type Props = Omit<ComponentPropsWithoutRef<'a'>, 'href' | 'onClick'> & {
  readonly to: string
  /** What a plain click does instead of opening the address as it stands. */
  readonly onOpen?: () => void
}

/** A link to an address of this page: opened in place by a plain click, in a tab of its own as the browser does it. */
export function AddressLink({ to, onOpen, ...rest }: Props) {
  const store = useAppStore()
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    if (onOpen === undefined) openAddress(store, to)
    else onOpen()
  }
  return <a {...rest} href={to} onClick={open} />
}
