import { AlertIcon } from '@primer/octicons-react'

import styles from '@/ui/Refusal.module.css'

/** The error of a command, beside the place where it was given (`role="alert"`). */
export function Refusal({
  message,
  onClose,
  closeLabel,
}: {
  message: string | undefined
  onClose?: () => void
  closeLabel?: string
}) {
  if (message === undefined) return null
  return (
    <div className={styles.refusal} role="alert">
      <AlertIcon size={14} />
      <span>{message}</span>
      {onClose && (
        <button type="button" onClick={onClose} aria-label={closeLabel}>
          ×
        </button>
      )}
    </div>
  )
}
