/** Passkeys and security keys: what the browser is asked for, and where it gives none. */
import type { CommandError } from '@/commands/send'

/** Why no key can be used on this page; undefined where one can. */
export function keysMissing(): 'insecure' | 'address' | 'browser' | undefined {
  const { hostname } = window.location
  if (/^[\d.]+$|^\[/.test(hostname)) return 'address'
  if (!window.isSecureContext) return 'insecure'
  const { PublicKeyCredential: known } = window as { PublicKeyCredential?: { parseCreationOptionsFromJSON?: unknown } }
  return typeof known?.parseCreationOptionsFromJSON === 'function' ? undefined : 'browser'
}

type Signed = { readonly credential: unknown } | { readonly error: CommandError }

/** A new key, by the server's options. Never throws. */
export function createKey(options: unknown): Promise<Signed> {
  return signed(() =>
    navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON),
    }),
  )
}

/** What a key signs, by the server's options. Never throws. */
export function signByKey(options: unknown): Promise<Signed> {
  return signed(() =>
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON),
    }),
  )
}

async function signed(ask: () => Promise<Credential | null>): Promise<Signed> {
  try {
    return { credential: ((await ask()) as PublicKeyCredential).toJSON() }
  } catch {
    // the person has closed the browser's window, or there is no such key: browsers do not say which
    return { error: { code: 'keyCancelled', message: '' } }
  }
}
