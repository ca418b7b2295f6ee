import type { ComponentType, ReactNode } from 'react'

import styles from '@/ui/EmptyState.module.css'

interface Props {
  readonly icon: ComponentType<{ size?: number }>
  readonly title: string
  readonly hint: string
  readonly children?: ReactNode
}

/** The empty state of a list or a place: why there is nothing, and what to do about it. */
export function EmptyState({ icon: Icon, title, hint, children }: Props) {
  return (
    <div className={styles.empty}>
      <span className={styles.icon}>
        <Icon size={24} />
      </span>
      <strong>{title}</strong>
      <p>{hint}</p>
      {children}
    </div>
  )
}
