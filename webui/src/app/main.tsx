import '@/app/mantineStyles'
import '@/app/theme.css'

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { App } from '@/app/App'
import { openConsole } from '@/app/console'
import { listenToKeys } from '@/app/keys'
import { follow } from '@/connection/follow'
import { reportPresence } from '@/presence/report'
import { reportReading } from '@/reading/report'
import { createStore } from '@/store/store'
import { keep, recall } from '@/workspace/keep'

const store = createStore(recall())
keep(store)
openConsole(store)
listenToKeys(store)
reportPresence(store)
reportReading(store)
follow(store)

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App store={store} />
  </StrictMode>,
)
