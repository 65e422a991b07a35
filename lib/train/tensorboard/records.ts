// Framing of TensorBoard's files (TFRecord). Place in the whole: between events.ts, which makes messages, and the file. A record is:
//
//   uint64  length of the message      little-endian
//   uint32  masked CRC-32C of the length's eight bytes
//   bytes   the message
//   uint32  masked CRC-32C of the message
//
// Source: tensorflow/core/lib/io/record_writer.h. A checksum is masked, since one over data that hold checksums is weak.
import { crc32c } from './crc32c.js'

function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

/** A message as a record. */
export function framed(message: Uint8Array): Uint8Array {
  const record = new Uint8Array(message.length + 16)
  const view = new DataView(record.buffer)
  view.setBigUint64(0, BigInt(message.length), true)
  view.setUint32(8, masked(record.subarray(0, 8)), true)
  record.set(message, 12)
  view.setUint32(12 + message.length, masked(message), true)
  return record
}
