/**
 * `npm run bench`: measures our operators and training steps, alone or against a peer, in the same run as the machine's limits.
 * Place in the whole: chooses cases and sides and makes rows; protocol.ts says how a row is measured, report.ts how it looks.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { Case } from './case.js'
import { CASES } from './cases/index.js'
import { SOAKS, type Soak } from './cases/soak.js'
import { Meter } from './peak.js'
import { type Measured, measure, type Plan, QUICK, type Spread, THOROUGH } from './protocol.js'
import { header, type ModeRow, modeToText, type Row, type SoakRow, soakToText, toJson, toText } from './report.js'
import { type Binding, chooseCpus, type LoadedSide, loadOurs, type OurSide, Peer, startOurs } from './sides.js'

const HELP = `usage: npm run bench -- [options]

  --filter REGEX   only cases whose name matches
  --threads N      compute threads of every side (default: all processors)
  --peer torch     the same cases in PyTorch, interleaved; the Python is SINTER_PEER_PYTHON, else python3
  --modes A,B      the stream modes (auto, inline, async) against each other, on train.* unless filtered
  --neighbour      with another process holding one processor
  --quick          shorter rounds and soaks
  --json           one line of JSON a row
  --list           print the names of the cases

Times are medians of rounds in which the sides take turns; "tuned" is the peer with glibc told to keep freed memory; ratio is
the peer's time over ours. Soak cases report memory instead of speed.`

interface Options {
  binding: Binding
  plan: Plan
  quick: boolean
  json: boolean
  neighbour: boolean
}

function print(options: Options, text: string, row?: Row | ModeRow | SoakRow): void {
  if (!options.json) console.log(text)
  else if (row) console.log(toJson(row))
  else console.error(text)
}

/** A process that does nothing but compute. */
function startNeighbour(): ChildProcess {
  return spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' })
}

interface LoadedPeer {
  plain: LoadedSide
  tuned: LoadedSide
}

/** The peer's two processes with the case loaded, or the reason why not. */
async function loadPeer(peer: Peer | undefined, name: string): Promise<LoadedPeer | string | undefined> {
  try {
    return await peer?.load(name)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

type PeerFields = Pick<
  Row,
  'peer' | 'peer_ms' | 'peer_q1' | 'peer_q3' | 'peer_layout' | 'tuned_ms' | 'ratio' | 'ratio_tuned' | 'peer_error'
>

const NO_PEER: PeerFields = {
  peer: null,
  peer_ms: null,
  peer_q1: null,
  peer_q3: null,
  peer_layout: null,
  tuned_ms: null,
  ratio: null,
  ratio_tuned: null,
  peer_error: null,
}

function peerFields(peer: Peer | undefined, loaded: LoadedPeer | string | undefined, measured: Measured): PeerFields {
  if (peer === undefined || loaded === undefined) return NO_PEER
  if (typeof loaded === 'string') return { ...NO_PEER, peer: peer.name, peer_error: loaded }
  const [ours, plain, tuned] = measured.sides as [Spread, Spread, Spread]
  return {
    peer: peer.name,
    peer_ms: plain.median,
    peer_q1: plain.q1,
    peer_q3: plain.q3,
    peer_layout: loaded.plain.variant || null,
    tuned_ms: tuned.median,
    ratio: plain.median / ours.median,
    ratio_tuned: tuned.median / ours.median,
    peer_error: null,
  }
}

async function runCase(c: Case, options: Options, meter: Meter, peer: Peer | undefined): Promise<void> {
  const { binding, plan } = options
  const side = await loadOurs(c.name, binding)
  try {
    const loaded = await loadPeer(peer, c.name)
    const others = typeof loaded === 'object' ? [loaded.plain, loaded.tuned] : []
    const measured = await measure([side, ...others], plan)
    const peak = await meter.arithmetic(c.dtype)
    const bandwidth = await meter.bandwidth()
    const ours = measured.sides[0] as Spread
    const gflops = c.flops === undefined ? null : c.flops / ours.median / 1e6
    const gbps = c.bytes === undefined ? null : c.bytes / ours.median / 1e6
    const row: Row = {
      case: c.name,
      threads: binding.threads,
      dtype: c.dtype,
      ours_ms: ours.median,
      q1: ours.q1,
      q3: ours.q3,
      ...peerFields(peer, loaded, measured),
      gflops,
      gbps,
      us_per_item: c.items === undefined ? null : (ours.median / c.items) * 1e3,
      share_of_peak: gbps !== null ? gbps / bandwidth : gflops !== null ? gflops / peak : null,
      peak,
      bandwidth,
      rounds: measured.rounds,
      other_load: measured.otherLoad,
      cpus: binding.cpus,
    }
    print(options, toText(row), row)
  } finally {
    side.close()
    await peer?.unload()
  }
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

async function startPeer(name: string | undefined, options: Options): Promise<Peer | undefined> {
  if (name === undefined) return undefined
  try {
    return await Peer.start(name, options.binding)
  } catch (error) {
    print(options, `peer ${name} is not installed: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      filter: { type: 'string' },
      threads: { type: 'string', default: String(availableParallelism()) },
      peer: { type: 'string' },
      modes: { type: 'string' },
      neighbour: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  const threads = Number(values.threads)
  if (!Number.isInteger(threads) || threads < 1)
    throw new Error(`--threads ${values.threads}: expected a whole number from 1`)
  const modes = values.modes?.split(',')
  const filter = new RegExp(values.filter ?? (modes ? '^train\\.' : ''))
  const cases = CASES.filter((c) => filter.test(c.name) || c.aliases?.some((alias) => filter.test(alias)))
  const soaks = modes ? [] : SOAKS.filter((s) => filter.test(s.name))
  if (values.list) return console.log([...cases, ...soaks].map((c) => c.name).join('\n'))
  if (cases.length + soaks.length === 0) throw new Error(`no case matches ${filter}; --list shows all names`)

  const options: Options = {
    binding: { threads, cpus: chooseCpus(threads) },
    plan: values.quick ? QUICK : THOROUGH,
    quick: values.quick,
    json: values.json,
    neighbour: values.neighbour,
  }
  const neighbour = options.neighbour ? startNeighbour() : undefined
  const peer = await startPeer(modes ? undefined : values.peer, options)
  const meter = modes || cases.length === 0 ? undefined : new Meter(options.binding)
  try {
    await meter?.arithmetic('f32') // says at once, and once, when there is no native module
    if (meter && !options.json) print(options, header(peer?.name))
    for (const c of cases) {
      await attempt(c.name, options, () =>
        meter ? runCase(c, options, meter, peer) : runModes(c, modes ?? [], options),
      )
    }
    for (const soak of soaks) await attempt(soak.name, options, () => runSoak(soak, options))
  } finally {
    peer?.close()
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
