/** Which rows of native/ops.def ran on a device. Place in the whole: a spec's claim to test an operator is checked by it. */
import { beforeAll } from 'vitest'
import { Stream } from '#lib/engine/stream.js'
import { OP } from '#lib/generated/ops.js'

const NAMES = new Map<number, string>(Object.entries(OP).map(([name, code]) => [code, name]))
const seenBy = new Map<string, Set<string>>()
let patched = false

/** Names seen on `device` by the enclosing describe block. */
export function watchOpcodes(device: string): Set<string> {
  patch()
  const seen = new Set<string>()
  beforeAll(() => {
    seenBy.set(device, seen)
  })
  return seen
}

function patch(): void {
  if (patched) return
  patched = true
  for (const method of ['emit', 'emitMany'] as const) {
    const original = Stream.prototype[method] as (this: Stream, op: number, ...rest: unknown[]) => void
    Object.defineProperty(Stream.prototype, method, {
      configurable: true,
      writable: true,
      value(this: Stream, op: number, ...rest: unknown[]) {
        const name = NAMES.get(op)
        if (name) seenBy.get(this.device)?.add(name)
        original.call(this, op, ...rest)
      },
    })
  }
}
