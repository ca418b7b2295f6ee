import { createTheme } from '@mantine/core'

/** What Mantine's variables do not reach from theme.css. The variables themselves are Mantine's own, unchanged. */
export const theme = createTheme({
  components: {
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, multiline: true, maw: 320 } },
    // Locking the scroll writes a style element, which the content security policy forbids; the page never scrolls.
    Modal: { defaultProps: { lockScroll: false, centered: true, radius: 'md', transitionProps: { duration: 120 } } },
    Menu: { defaultProps: { transitionProps: { duration: 80 } } },
  },
})
