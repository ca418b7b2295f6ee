/** A form sent to the server: what it answers, or why there is no answer. */
import type { CommandError } from '@/commands/send'

/** Never throws. */
export async function post<A extends { readonly error?: CommandError }>(
  path: string,
  body: Readonly<Record<string, string | boolean>>,
): Promise<A | { readonly error: CommandError }> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      credentials: 'same-origin',
      body: JSON.stringify(body),
    })
    return (await response.json()) as A
  } catch {
    return { error: { code: 'network', message: 'The server did not answer.' } }
  }
}
