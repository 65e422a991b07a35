// `sinter info`. Place in the whole: prints what engine.info() and engine.memory() say.
import { engine } from '../engine/engine.js'

export function info(json: boolean): number {
  const found = engine.info()
  const memory = engine.memory()
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...found, memory }, null, 2)}\n`)
    return 0
  }
  const rows: [string, string][] = [
    ['sinter', `${found.version}, built by compiler ${found.compiler}`],
    ['node', `${found.node} on ${found.platform}`],
    ['kernels', `${found.isa}: ${found.isaReason}`],
    ['', found.kernels],
    ['', `this machine can run ${found.isaSupported.join(', ')} (SINTER_ISA chooses)`],
    ['threads', `${found.threads} a kernel; affinity ${found.affinity} (SINTER_AFFINITY chooses)`],
    ['stream', `${found.stream} (SINTER_STREAM chooses inline, async or auto)`],
    ['devices', found.devices.join(', ')],
    ['cuda', found.cuda],
    ['tuning', found.tuning],
    ['memory', memory.limit > 0 ? `limit ${megabytes(memory.limit)}` : "no limit but the machine's"],
  ]
  for (const [name, text] of rows) process.stdout.write(`${name.padEnd(9)}${text}\n`)
  return 0
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`
