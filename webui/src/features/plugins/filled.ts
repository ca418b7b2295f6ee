/** The form of a plugin's button: what stands in it at first, and the payload that comes of it. */
import type { PluginPayload } from '@/commands/send'
import type { FormField, ShownButton } from '@/contract/panels'

/** What stands in the fields of a form. */
export type Filled = Readonly<Record<string, string | boolean>>

/** What stands in a form when it opens. */
export function beginningOf({ form, payload }: ShownButton): Filled {
  const begin = ({ name, blank }: FormField) => {
    const value = payload[name]
    return typeof value === 'boolean' ? value && !blank : blank ? '' : String(value)
  }
  return Object.fromEntries(form.map((field) => [field.name, begin(field)]))
}

/** What was filled in, as what it stands for: what is no number is left for the server to refuse by its name. */
export function payloadOf({ payload }: ShownButton, filled: Filled): PluginPayload {
  const typed = ([name, value]: [string, string | boolean]): [string, unknown] => {
    if (typeof value === 'boolean' || typeof payload[name] !== 'number') return [name, value]
    const digits = value.trim().replace(',', '.')
    return [name, digits === '' || Number.isNaN(Number(digits)) ? value : Number(digits)]
  }
  return { ...payload, ...Object.fromEntries(Object.entries(filled).map(typed)) }
}
