import { MantineProvider } from '@mantine/core'
import { useEffect, useState } from 'react'
import { Provider } from 'react-redux'

import { Shell } from '@/app/Shell'
import { theme } from '@/app/theme'
import { useLanguage } from '@/i18n/useTexts'
import { fetchIdentity, Me, type Identity } from '@/session/identity'
import { identified } from '@/store/slices/session'
import { type Store, useAppDispatch, useAppSelector } from '@/store/store'

/** The root component: store, Mantine, session. Nothing writes style elements: the security policy forbids them. */
export function App({ store }: { store: Store }) {
  return (
    <Provider store={store}>
      <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
        <Session>
          <Shell />
        </Session>
      </MantineProvider>
    </Provider>
  )
}

function Session({ children }: { children: React.ReactNode }) {
  const [me, setMe] = useState<Identity>()
  const dispatch = useAppDispatch()
  const language = useLanguage()
  const live = useAppSelector((state) => state.connection.phase === 'live')
  useEffect(() => {
    // whoever signs in anew in another tab is somebody else here too
    if (!live) return
    void fetchIdentity().then((who) => {
      setMe(who)
      dispatch(identified(who))
    })
  }, [live, dispatch])
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  return <Me value={me}>{children}</Me>
}
