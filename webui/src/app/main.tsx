import '@/app/mantineStyles'
import '@/app/theme.css'

import { notify, takeTurns } from '@/alerts/desktop'
import { allowSound, chime } from '@/alerts/sound'
import { watchAlerts } from '@/alerts/watch'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { App } from '@/app/App'
import { openConsole } from '@/app/console'
import { listenToKeys } from '@/app/keys'
import { follow } from '@/connection/follow'
import { reportPresence } from '@/connection/reportPresence'
import { reportReading } from '@/reading/report'
import { persistWorkspace, restoreWorkspace } from '@/store/persistWorkspace'
import { createStore } from '@/store/store'

const store = createStore(restoreWorkspace())
persistWorkspace(store)
openConsole(store)
listenToKeys(store)
reportPresence(store)
reportReading(store)
allowSound()
watchAlerts(store, { chime, notify: (alert) => notify(store, alert), isMyTurn: takeTurns() })
follow(store)

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App store={store} />
  </StrictMode>,
)
