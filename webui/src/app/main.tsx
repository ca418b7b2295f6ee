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
import { reportReading } from '@/reading/reportReading'
import { openedAt } from '@/store/addresses'
import { persistWorkspace, restoreWorkspace } from '@/store/persistWorkspace'
import { createStore } from '@/store/store'

const { pathname, search } = window.location
const store = createStore(openedAt(restoreWorkspace(), pathname + search))
persistWorkspace(store)
exposeState(store)
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
