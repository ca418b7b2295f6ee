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

const AGAIN_MS = 2_000

function Session({ children }: { children: React.ReactNode }) {
  const [me, setMe] = useState<Identity>()
  const dispatch = useAppDispatch()
  const language = useLanguage()
  const live = useAppSelector((state) => state.connection.phase === 'live')
  useEffect(() => {
    // whoever signs in anew in another tab is somebody else here too
    let ended = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
      const who = await fetchIdentity()
      if (ended) return
      setMe(who)
      dispatch(identified(who))
      // without an answer nothing would be kept
      if (live && who === undefined) timer = setTimeout(() => void ask(), AGAIN_MS)
    }
    if (live) void ask()
    return () => {
      ended = true
      clearTimeout(timer)
    }
  }, [live, dispatch])
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  return <Me value={me}>{children}</Me>
}
