import { createTheme } from '@mantine/core'

/** What Mantine's variables do not reach from theme.css. The variables themselves are Mantine's own, unchanged. */
export const theme = createTheme({
  components: {
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, multiline: true, maw: 320 } },
    // Locking the scroll writes a style element, which the content security policy forbids; the page never scrolls.
    // there with the key that opens it: a letter typed before it shows would be taken for another key of the page
    Modal: { defaultProps: { lockScroll: false, centered: true, radius: 'md', transitionProps: { duration: 0 } } },
    ModalRoot: { defaultProps: { transitionProps: { duration: 0 } } },
    Menu: { defaultProps: { transitionProps: { duration: 80 } } },
  },
})
