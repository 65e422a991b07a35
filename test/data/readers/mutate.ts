// Damaged files. Place in the whole: the readers' tests, which show that no bytes make a reader crash, hang or throw an error that
// is not typed.
import { expect } from 'vitest'
import { DataError, Random } from '#lib/data/index.js'

/** Copies of `bytes` with bytes changed, cut off, taken out or put in; and bytes of nothing but chance. */
export function* damaged(bytes: Buffer, count: number, seed = 1): Generator<Buffer> {
  for (let i = 0; i < count; i++) {
    const random = new Random(seed, i)
    const at = () => random.int(bytes.length)
    const copy = Buffer.from(bytes)
    switch (i % 6) {
      case 0:
        for (let k = random.int(4); k >= 0; k--) copy[at()] = random.int(256)
        yield copy
        break
      case 1:
        yield copy.subarray(0, at())
        break
      case 2: {
        const begin = at()
        yield Buffer.concat([copy.subarray(0, begin), copy.subarray(begin + 1 + random.int(16))])
        break
      }
      case 3: {
        const begin = at()
        yield Buffer.concat([copy.subarray(0, begin), Buffer.from([random.int(256)]), copy.subarray(begin)])
        break
      }
      case 4:
        // Headers stand at the beginning, and lie most where a byte is 0 or 255.
        copy[random.int(Math.min(bytes.length, 128))] = random.int(2) * 255
        yield copy
        break
      default:
        yield Buffer.from(Array.from({ length: random.int(200) }, () => random.int(256)))
    }
  }
}

/** Runs a reader on damaged files: it succeeds or throws a DataError. Returns how many it refused. */
export async function survives(
  bytes: Buffer,
  count: number,
  read: (damaged: Buffer) => unknown | Promise<unknown>,
): Promise<number> {
  let refused = 0
  for (const copy of damaged(bytes, count)) {
    try {
      await read(copy)
    } catch (error) {
      refused++
      if (error instanceof DataError) continue
      expect.fail(`${String((error as Error).stack)}\nfor ${copy.toString('base64')}`)
    }
  }
  return refused
}
