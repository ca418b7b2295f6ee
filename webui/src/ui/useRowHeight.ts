import { useMediaQuery } from '@mantine/hooks'

/** Of a table's rows: on a narrow screen their cells lie in two lines. */
export function useRowHeight(): number {
  return useMediaQuery('(max-width: 760px)') ? 58 : 44
}
