import { useMediaQuery } from '@mantine/hooks'

/** The height of a table's rows in pixels: on a narrow screen their cells lie in two lines. */
export function useRowHeight(): number {
  return useMediaQuery('(max-width: 760px)') ? 58 : 44
}
