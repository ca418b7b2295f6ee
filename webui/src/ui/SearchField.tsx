import { CloseButton, TextInput } from '@mantine/core'
import { SearchIcon } from '@primer/octicons-react'

interface Props {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly placeholder: string
  readonly clearLabel: string
}

/** A search field. The search shortcut finds it by `data-search`. */
export function SearchField({ value, onChange, placeholder, clearLabel }: Props) {
  return (
    <TextInput
      size="xs"
      data-search
      value={value}
      placeholder={placeholder}
      aria-label={placeholder}
      leftSection={<SearchIcon size={14} />}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        onChange('')
        event.currentTarget.blur()
      }}
      rightSection={
        value === '' ? null : <CloseButton size="xs" aria-label={clearLabel} onClick={() => onChange('')} />
      }
    />
  )
}
