// `sinter info`. Place in the whole: prints what engine.info(), engine.memory() and, where there is a GPU, cuda.libraries() say.
import { cuda } from '../engine/cuda.js'
import { engine } from '../engine/engine.js'

export function info(json: boolean): number {
  const found = engine.info()
  const memory = engine.memory()
  const libraries = cuda.isAvailable() ? cuda.libraries() : []
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...found, libraries, memory }, null, 2)}\n`)
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
    ...libraries.map(({ name, version, missing }): [string, string] => [
      '',
      missing ? `${name} is not here: ${missing}` : `${name} ${version}`,
    ]),
    ['tuning', found.tuning],
    ['memory', memory.limit > 0 ? `limit ${megabytes(memory.limit)}` : "no limit but the machine's"],
  ]
  for (const [name, text] of rows) process.stdout.write(`${name.padEnd(9)}${text}\n`)
  return 0
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`
