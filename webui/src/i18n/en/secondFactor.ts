/** The texts of second factors and fresh proofs, in English. */
import { many } from '@/i18n/en/plural'

export const secondFactorTexts = {
  secondFactor: {
    title: 'Second factor',
    reading: 'Reading…',
    unread: 'The server does not give it just now. Try again in a moment.',
    off: 'Second factors are switched off on this server.',
    none: 'You have none yet. With one, your password alone lets nobody in: signing in also takes a code of an app on your phone.',
    since: (time: string) => `Set up ${time}. Signing in takes your password and a code.`,
    left: (count: number) =>
      count === 0
        ? 'No recovery codes are left. Make new ones now.'
        : `${many(count, 'recovery code is', 'recovery codes are')} left.`,
    setUp: 'Set it up',
    replace: 'Set up another phone',
    renew: 'New recovery codes',
    remove: 'Remove it',
    surelyRemove: 'From then on your password alone lets you in. Your other browsers are signed out.',
    begin: 'Show the QR code',
    scan: 'Scan this with an authenticator app: Aegis, 2FAS, Google Authenticator, or that of your password manager.',
    qr: 'QR code for the authenticator app',
    byHand: 'Or type this into the app:',
    onThisPhone: 'Or open the app on this device',
    confirm: 'Confirm',
    code: 'Code',
    codeHint: 'The six digits that the app shows now.',
    recoveryCode: 'Recovery code',
    recoveryHint: 'One of the ten that you have kept. It is good once.',
    useRecovery: 'I do not have my phone: use a recovery code',
    useApp: 'Use the app after all',
    step: 'One more step',
    stepHint: 'Your password was right. Now give the code that your app shows.',
    required: 'Your role takes a second factor',
    requiredHint: 'Set it up now, with an authenticator app on your phone. Without it you cannot sign in.',
    back: 'Begin again',
    wrong:
      'This code is wrong. If the app’s codes are refused again and again, its clock may be off: have the phone set its time by the network.',
    used: 'This code was used already. Wait until the app shows the next one.',
    clockOff: 'The clock of your phone is off. Have the phone set its time by the network, then give a new code.',
    onlyKeys: 'Signing in takes your password and one of your keys.',
    stepHintKey: 'Your password was right. Now use your key, or a recovery code.',
    useKey: 'Use a passkey or security key',
    keys: 'Passkeys and security keys',
    noKeys: 'None yet. A key signs in the place of a code, and no false page can use it.',
    keyName: 'Name of the new key',
    keyNameHint: 'So that you know it again: the blue one, this laptop.',
    keyNameTaken: 'Another key of yours has this name.',
    addKey: 'Add a key',
    keyAdded: (time: string) => `added ${time}, not used yet`,
    keyUsed: (time: string) => `used ${time}`,
    keyCancelled: 'The browser gave no key: its window was closed, or this key is not the right one. Try again.',
    keysMissing: {
      insecure: 'Keys work on encrypted pages alone: open this page by https, or at localhost.',
      address: 'Keys work at a name, not at an address in numbers: open this page by its name, or at localhost.',
      browser: 'This browser cannot use keys here. A newer one can.',
    },
    recoveryTitle: 'Your recovery codes',
    recoveryShown:
      'They let you in without your phone, each once. They are shown only now: keep them where your phone is not. Codes from before are void.',
    download: 'Save as a file',
    print: 'Print',
    proof: 'Is it still you?',
    proofHintCode: 'This cannot be taken back. Give a code of your app, and it is done.',
    proofHintPassword: 'This cannot be taken back. Give your password, and it is done.',
    proofByLink: 'This cannot be taken back. You came by the link of a token: open that link again, then do this anew.',
    goOn: 'Go on',
  },
}

export type SecondFactorTexts = typeof secondFactorTexts
