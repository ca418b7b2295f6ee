import type { ComponentType, ReactNode } from 'react'

import styles from '@/ui/Empty.module.css'

interface Props {
  readonly icon: ComponentType<{ size?: number }>
  readonly title: string
  readonly hint: string
  readonly children?: ReactNode
}

/** What stands where nothing is: why, and what to do about it. */
export function Empty({ icon: Icon, title, hint, children }: Props) {
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
