/**
 * What stands around every test. Place in the whole: vitest loads this file in every test process (vitest.config.ts). Random
 * numbers are the same in every run, so that a red run is red again. What a test made must be gone when it ends: tensors, bytes
 * and blocks of native memory, threads, and the engine's settings.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { takeCoverage } from 'node:v8'
import { afterAll, afterEach, beforeEach, type TestContext } from 'vitest'
import { openStreams } from '#lib/engine/stream.js'
import { engine, manualSeed } from '#lib/index.js'
import { loadNative } from '#lib/native/load.js'
import { collectGarbage } from './helpers/gc.js'
import { seedOf } from './helpers/random.js'

interface State {
  /** Tensors of this thread that were not released. */
  tensors: number
  /** Bytes and blocks in native tensors. */
  live: number
  blocks: number
  /** Kernels' helper threads, and all others. */
  helpers: number
  others: number
  setting: number
}

/** Node starts its pool of file-system threads when it first needs one. */
const UV_THREADS = 4
/** A graph may take a collection for each of its generations. */
const ROUNDS = 10
/** Rounds without waiting. */
const PATIENT = 4

const atStart = threads()

function threads(): { helpers: number; others: number } {
  let [helpers, others] = [0, 0]
  if (process.platform !== 'linux') return { helpers, others }
  for (const id of readdirSync('/proc/self/task')) {
    try {
      if (readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim() === 'sinter-pool') helpers++
      else others++
    } catch {
      // It ended in between.
    }
  }
  return { helpers, others }
}

/** null before anything native was used: tests of plain TypeScript load no module. */
async function state(): Promise<State | null> {
  const streams = openStreams()
  if (streams.length === 0) return null
  for (const stream of streams) await stream.fence()
  const { tensors, live, blocks } = engine.memory()
  return { tensors, live, blocks, setting: engine.threads, ...threads() }
}

function leaks(before: State | null, after: State): string[] {
  const found: string[] = []
  for (const what of ['tensors', 'live', 'blocks'] as const) {
    const [a, b] = [before?.[what] ?? 0, after[what]]
    if (b > a) found.push(`${what === 'live' ? 'bytes' : what}: ${b}, before the test ${a}`)
  }
  if (before && after.setting !== before.setting)
    found.push(`engine.threads: ${after.setting}, before the test ${before.setting}`)
  if (after.helpers > Math.max(before?.helpers ?? 0, after.setting - 1))
    found.push(`helper threads: ${after.helpers} for ${after.setting} threads`)
  const most = atStart.others + UV_THREADS + openStreams().length
  if (after.others > Math.max(before?.others ?? 0, most))
    found.push(`threads: ${after.others}, at most ${most} expected`)
  return found
}

/**
 * What the test, and vitest's own assertions, put off until the test is over: they hold on to tensors, so they run first. A
 * function of its own, since the variables of a suspended one are roots too.
 */
async function finish(context: TestContext): Promise<void> {
  const task = context.task as { onFinished?: ((context: TestContext) => unknown)[] | undefined }
  const putOff = task.onFinished ?? []
  task.onFinished = undefined
  for (const callback of putOff.reverse()) await callback(context)
}

/** Other numbers for all tests: the full run (scripts/test.mjs) draws and prints it. */
const seed = process.env['SINTER_TEST_SEED'] ?? '0'

let before: State | null = null

beforeEach(async ({ task }) => {
  // Of the test's name: alone it sees the numbers that it sees among others.
  manualSeed(seedOf(`${seed} ${task.fullTestName}`))
  before = await state()
})

afterEach(async (context) => {
  const { task } = context
  await finish(context)
  // A failure that nobody asked about would be the next test's.
  if (task.result?.state !== 'fail') for (const stream of openStreams()) await stream.sync()
  // A failed test may have left anything behind; the next one starts from there.
  if (task.result?.state === 'fail') return
  let found: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) {
      await collectGarbage()
      if (round > PATIENT) await sleep(20 * round) // on a busy machine finalizers are late
      engine.collect()
    }
    const after = await state()
    if (after === null) return
    found = leaks(before, after)
    if (found.length === 0) return
  }
  throw new Error(`the test leaks: ${found.join('; ')}`)
})

/** Builds whose instrumentation reports when a process ends, which the runner's workers do not live to see. */
const INSTRUMENTED = ['coverage', 'asan']

if (INSTRUMENTED.includes(process.env['SINTER_BUILD'] ?? '')) {
  afterAll(() => {
    if (process.env['NODE_V8_COVERAGE']) takeCoverage()
    if (openStreams().length > 0 && loadNative().report?.()) throw new Error('LeakSanitizer found leaks, see above')
  }, 600_000)
}
