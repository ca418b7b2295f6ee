import '@/app/mantineStyles'
import '@/app/theme.css'

import { notify, electLeader } from '@/alerts/desktop'
import { unlockAudio, playSound } from '@/alerts/sound'
import { watchAlerts } from '@/alerts/watch'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { App } from '@/app/App'
import { exposeState } from '@/app/console'
import { followAddress } from '@/app/followAddress'
import { listenToShortcuts } from '@/app/shortcuts'
import { follow } from '@/connection/follow'
import { reportPresence } from '@/connection/reportPresence'
import { keepOpenChats } from '@/history/keepOpenChats'
import { reportReading } from '@/reading/reportReading'
import { openedAt } from '@/store/addresses'
import { keepWorkspace } from '@/store/keepWorkspace'
import { restoreLanguage } from '@/store/keptStorage'
import { initialWorkspace } from '@/store/slices/workspace'
import { createStore } from '@/store/store'

const { pathname, search } = window.location
const blank = { ...initialWorkspace, language: restoreLanguage() }
const addressed = openedAt(blank, pathname + search)
const store = createStore(addressed)
keepWorkspace(store, addressed !== blank)
exposeState(store)
keepOpenChats(store)
listenToShortcuts(store)
followAddress(store)
reportPresence(store)
reportReading(store)
unlockAudio()
watchAlerts(store, { playSound, notify: (alert) => notify(store, alert), isLeader: electLeader() })
follow(store)

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App store={store} />
  </StrictMode>,
)
