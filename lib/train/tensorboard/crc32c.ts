// The checksum of TensorBoard's files. Place in the whole: records.ts only. CRC-32C (Castagnoli 1993), polynomial 0x1edc6f41, bits reversed.

import { filled } from '../../filled.js'

const TABLE = filled(new Uint32Array(256), (byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc >>> 0
})

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
