import type { CommandError } from '@/commands/send'
import { refusalText } from '@/explain/reasons'
import type { Texts } from '@/i18n/en/texts'
import type { SignInPath } from '@/session/signIn'

/** The server's error of a sign-in form, in the operator's language where we know it. */
export function signInError(error: CommandError, texts: Texts, path?: SignInPath): string {
  switch (error.code) {
    case 'tooManyAttempts':
      return texts.access.wait(Math.ceil((error.retryAfter ?? 0) / 1_000))
    case 'badCredentials':
      return path === 'sign-in' ? texts.access.wrong : texts.access.wrongCurrent
    case 'badCode':
      return texts.secondFactor.wrong
    case 'codeUsed':
      return texts.secondFactor.used
    case 'clockOff':
      return texts.secondFactor.clockOff
    case 'keyCancelled':
      return texts.secondFactor.keyCancelled
    case 'badLink':
      return texts.access.badLink
    case 'network':
      return texts.access.network
    default:
      return refusalText(error, texts)
  }
}
