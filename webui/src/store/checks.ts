/** Compares the replica with the server's checksums of its state; the twin of `kernel/checks.py`. */
import type { Check, TableName } from '@/contract/tables'
import type { Replica } from '@/store/replica'
import type { Table } from '@/store/table'

/** Do these rows have the server's checksum at this event? */
export function matchesCheck(replica: Replica, check: Check): boolean {
  const table = (replica as Partial<Record<string, unknown>>)[check.table as TableName] as Table<unknown> | undefined
  if (table === undefined || replica.seq !== check.seq || table.size !== check.size) return false
  const rows = table.slice(check.start, check.count)
  return rows.length === check.count && crc32(UTF8.encode(JSON.stringify(rows))) === check.crc32
}

const UTF8 = new TextEncoder()

const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit += 1) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1
  return remainder
})

/** As in zlib, gzip and PNG. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (let at = 0; at < bytes.length; at += 1) crc = REMAINDERS[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
