/**
 * `npm run bench`: measures our operators and training steps, alone or against peers, in the same run as the machine's limits.
 * Place in the whole: chooses cases and sides; row.ts makes rows, protocol.ts says how a row is measured, report.ts how it looks.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { device } from 'sinter'
import type { Case } from './case.js'
import { CASES } from './cases/index.js'
import { SOAKS, type Soak } from './cases/soak.js'
import { boundsTable, DeviceLimits } from './device-limits.js'
import { measureMemory } from './memory.js'
import { measureParts } from './parts.js'
import { type Limits, LOOPS, Meter } from './peak.js'
import { Peer } from './peers.js'
import { type Roof, rooflineSvg } from './plot.js'
import { measure, type Plan, QUICK, type Spread, THOROUGH } from './protocol.js'
import {
  header,
  limitToText,
  type MemoryRow,
  type ModeRow,
  memoryToText,
  modeToText,
  type Row,
  type SoakRow,
  soakToText,
  toJson,
  toMarkdown,
  toText,
} from './report.js'
import { measureCase } from './row.js'
import { type Binding, chooseCpus, loadOurs, type OurSide, startOurs } from './sides.js'
import { summary } from './verdict.js'

const HELP = `usage: npm run bench -- [options]

  --filter REGEX   only cases whose name matches
  --threads N      compute threads of every side (default: all processors)
  --peer A,B       the same cases in other libraries, interleaved: torch, openblas (the Python is SINTER_PEER_PYTHON, else
                   python3), onnxruntime (the package onnxruntime-node, here or in NODE_PATH)
  --modes A,B      the stream modes (auto, inline, async) against each other, on train.* unless filtered
  --memory         peak memory instead of time, every side in a fresh process (Linux)
  --parts          the commands of a call instead, with the share of the machine's limits that they reach
  --device NAME    where our side and torch compute: cpu (default), cuda, cuda:1, ...; the limits are then the data sheet's
  --graphs         our side launches CUDA graphs of the calls (with --device)
  --report FILE    the rows as a Markdown table, with what they were measured on (default on a device: bench-NAME.md)
  --bounds         print what each case computes and moves, and the shortest time for it on an A100 and an H100
  --neighbour      with another process holding one processor
  --quick          shorter rounds and soaks, without the cases that take seconds a call
  --json           one line of JSON a row
  --plot FILE.svg  a roofline of the cases that count both operations and bytes (gemm), with the peers' points
  --limits         print the machine's limits alone
  --list           print the names of the cases

Times are medians of rounds in which the sides take turns; ratio is the peer's time over ours, "tuned" against the peer with
glibc told to keep freed memory. "of bound" is the share of what the machine's measured limits allow: F arithmetic, B bandwidth.
Soak cases report memory instead of speed. docs/performance.md explains all of it.`

interface Options {
  binding: Binding
  plan: Plan
  quick: boolean
  json: boolean
  neighbour: boolean
}

function print(options: Options, text: string, row?: Row | ModeRow | MemoryRow | SoakRow): void {
  if (!options.json) console.log(text)
  else if (row) console.log(toJson(row))
  else console.error(text)
}

/** A process that does nothing but compute. */
function startNeighbour(): ChildProcess {
  return spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' })
}

async function runCase(c: Case, options: Options, meter: Limits, peers: readonly Peer[]): Promise<Row> {
  const row = await measureCase(c, options.binding, options.plan, meter, peers)
  print(options, toText(row, peers), row)
  return row
}

async function runModes(c: Case, modes: readonly string[], options: Options): Promise<void> {
  const sides: OurSide[] = []
  try {
    for (const mode of modes) sides.push(await loadOurs(c.name, options.binding, { SINTER_STREAM: mode }))
    const measured = await measure(sides, options.plan)
    const base = (measured.sides[modes.length - 1] as Spread).median
    const row: ModeRow = {
      case: c.name,
      threads: options.binding.threads,
      dtype: c.dtype,
      modes: Object.fromEntries(
        modes.map((mode, i) => {
          const { median, q1, q3 } = measured.sides[i] as Spread
          return [mode, { ms: median, q1, q3, speed: base / median }]
        }),
      ),
      neighbour: options.neighbour,
      rounds: measured.rounds,
      other_load: measured.otherLoad,
    }
    print(options, modeToText(row), row)
  } finally {
    for (const side of sides) side.close()
  }
}

/** Peak memory of each case, and a line that says which are above a peer's. */
async function runMemory(cases: readonly Case[], options: Options, peers: readonly Peer[]): Promise<void> {
  const rows: MemoryRow[] = []
  for (const c of cases) {
    await attempt(c.name, options, async () => {
      const row = await measureMemory(c, options.binding, peers)
      print(options, memoryToText(row), row)
      rows.push(row)
    })
  }
  const above = rows.filter((row) => row.missed_bar).map((row) => row.case)
  if (peers.length > 0)
    print(options, `memory: ${above.length > 0 ? `ABOVE A PEER: ${above.join(', ')}` : 'none above a peer'}`)
}

async function runParts(cases: readonly Case[], options: Options): Promise<void> {
  const meter = new Meter(options.binding)
  try {
    for (const c of cases)
      await attempt(c.name, options, async () => console.log(`${await measureParts(c, options.binding, meter)}\n`))
  } finally {
    meter.close()
  }
}

async function runSoak(soak: Soak, options: Options): Promise<void> {
  const worker = startOurs(options.binding) // a fresh process: peak memory must be this soak's own
  try {
    const result = await worker.ask({ cmd: 'soak', case: soak.name, scale: options.quick ? 0.1 : 1 })
    const row = { case: soak.name, threads: options.binding.threads, ...result } as SoakRow
    print(options, soakToText(row), row)
    if (row['ok'] === false) process.exitCode = 1
  } finally {
    worker.close()
  }
}

/** A row that fails says so and lets the others run. */
async function attempt(name: string, options: Options, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    print(options, `${name.padEnd(44)} failed: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}

/** Those that are installed; of the others a line says what is missing. */
async function startPeers(names: readonly string[], options: Options): Promise<Peer[]> {
  const peers: Peer[] = []
  for (const name of names) {
    try {
      peers.push(await Peer.start(name, options.binding))
    } catch (error) {
      print(options, `peer ${name} is not installed: ${error instanceof Error ? error.message : error}`)
    }
  }
  return peers
}

/** Without the long cases when quick, unless the filter names one in full. */
function chosen(cases: readonly Case[], filter: string | undefined, options: Options): readonly Case[] {
  const long = options.quick ? cases.filter((c) => c.long && c.name !== filter) : []
  if (long.length > 0) print(options, `left out by --quick: ${long.map((c) => c.name).join(', ')}`)
  return cases.filter((c) => !long.includes(c))
}

/** Under the roofs of this run: of every dtype that was measured, and of each level of memory. */
async function writePlot(file: string, rows: readonly Row[], meter: Limits, options: Options): Promise<void> {
  const bandwidths = await meter.levels()
  // Dtypes that the same instructions bound share a line.
  const byLoop = new Map<string, Roof>()
  for (const dtype of new Set(rows.map((row) => row.dtype))) {
    const rate = await meter.arithmetic(dtype)
    const known = byLoop.get(meter.loopOf(dtype))?.label
    byLoop.set(meter.loopOf(dtype), { label: known ? `${known}, ${dtype}` : dtype, rate })
  }
  const peaks = [...byLoop.values()]
  const title = where(options.binding, meter)
  writeFileSync(file, rooflineSvg({ title, rows, bandwidths, peaks }))
  print(options, `wrote ${file}`)
}

async function printLimits(binding: Binding): Promise<void> {
  const meter = new Meter(binding)
  try {
    for (const loop of LOOPS) {
      const text = limitToText(loop, await meter.rate(loop))
      if (text) console.log(text)
    }
  } finally {
    meter.close()
  }
}

/** What the rows were measured on. */
function where({ threads }: Binding, limits: Limits): string {
  if (limits instanceof DeviceLimits) return limits.name
  return `${cpuName()}, ${threads} thread${threads > 1 ? 's' : ''}`
}

/** As the system calls it; the architecture where it does not say. */
function cpuName(): string {
  return cpus()[0]?.model.trim() || process.arch
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      filter: { type: 'string' },
      threads: { type: 'string', default: String(availableParallelism()) },
      device: { type: 'string', default: 'cpu' },
      graphs: { type: 'boolean', default: false },
      report: { type: 'string' },
      peer: { type: 'string', multiple: true, default: [] },
      modes: { type: 'string' },
      memory: { type: 'boolean', default: false },
      parts: { type: 'boolean', default: false },
      neighbour: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      plot: { type: 'string' },
      limits: { type: 'boolean', default: false },
      bounds: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  const threads = Number(values.threads)
  if (!Number.isInteger(threads) || threads < 1)
    throw new Error(`--threads ${values.threads}: expected a whole number from 1`)
  // A device's name is checked here, in one sentence, before any process starts.
  const binding = {
    threads,
    cpus: chooseCpus(threads),
    device: values.device === 'cpu' ? 'cpu' : device(values.device),
    graphs: values.graphs,
  }
  if (values.limits) return printLimits(binding)
  const modes = values.modes?.split(',')
  const filter = new RegExp(values.filter ?? (modes ? '^train\\.' : ''))
  const matching = CASES.filter((c) => filter.test(c.name) || c.aliases?.some((alias) => filter.test(alias)))
  const onDevice = binding.device !== 'cpu'
  if (onDevice && (modes || values.memory || values.parts || values.limits))
    throw new Error('--modes, --memory, --parts and --limits are about the CPU; leave out --device')
  if (values.graphs && !onDevice) throw new Error('--graphs is about CUDA devices; name one with --device')
  const soaks = modes || values.memory || onDevice ? [] : SOAKS.filter((s) => filter.test(s.name))
  if (values.list) return console.log([...matching, ...soaks].map((c) => c.name).join('\n'))
  if (values.bounds) return console.log(boundsTable(matching))
  if (matching.length + soaks.length === 0) throw new Error(`no case matches ${filter}; --list shows all names`)

  const options: Options = {
    binding,
    plan: values.quick ? QUICK : THOROUGH,
    quick: values.quick,
    json: values.json,
    neighbour: values.neighbour,
  }
  const neighbour = options.neighbour ? startNeighbour() : undefined
  const cases = chosen(matching, values.filter, options)
  if (values.parts) return runParts(cases, options)
  const peers = await startPeers(modes ? [] : values.peer.flatMap((list) => list.split(',')), options)
  if (values.memory) {
    await runMemory(matching, options, peers)
    for (const peer of peers) peer.close()
    return
  }
  const meter = modes || cases.length === 0 ? undefined : onDevice ? await DeviceLimits.of(binding) : new Meter(binding)
  const rows: Row[] = []
  try {
    await meter?.arithmetic('f32') // says at once, and once, when there is no native module
    if (meter && !options.json) print(options, header(peers))
    for (const c of cases) {
      await attempt(c.name, options, async () => {
        if (meter) rows.push(await runCase(c, options, meter, peers))
        else await runModes(c, modes ?? [], options)
      })
    }
    for (const line of summary(rows)) print(options, line)
    const report = values.report ?? (onDevice ? `bench-${binding.device.replace(':', '-')}.md` : undefined)
    if (report && meter) {
      writeFileSync(report, toMarkdown(rows, where(binding, meter)))
      print(options, `wrote ${report}`)
    }
    if (values.plot && meter) await writePlot(values.plot, rows, meter, options)
    for (const soak of soaks) await attempt(soak.name, options, () => runSoak(soak, options))
  } finally {
    for (const peer of peers) peer.close()
    meter?.close()
    neighbour?.kill()
  }
}

try {
  await main()
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 2
}
