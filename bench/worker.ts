/**
 * Our side of the bench: a process that answers one line of JSON with one line of JSON, as the peers do. Place in the whole:
 * sides.ts starts one for each case; see peers/torch_peer.py for the messages. tinybench runs the timing loop.
 */
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { cuda, cudaGraph, engine, type Profile, profile, setDefaultDevice } from 'sinter'
import { Bench } from 'tinybench'
import { loadNative } from '#lib/native/load.js'
import type { Case } from './case.js'
import { CASES } from './cases/index.js'
import { SOAKS } from './cases/soak.js'
import { partsOf } from './parts.js'

interface Message {
  cmd: 'load' | 'run' | 'parts' | 'memory' | 'peak' | 'device' | 'soak' | 'unload'
  case: string
  samples: number
  inner: number
  warmup: number
  name: string
  scale: number
  steps: number
}

const PROFILES = 7

const threads = Number(process.argv[2])
const device = process.argv[3] ?? 'cpu'
const graphs = process.argv[4] === 'graphs'
let call: (() => void) | undefined

/** Makes the call and waits until what it computes is there. */
function complete(inner: number): void {
  for (let i = 0; i < inner; i++) call?.()
  engine.syncSync()
}

/**
 * Calls for 0.3 seconds, at least twice; returns the fastest call's milliseconds. Short calls go in batches of twice as many each
 * time: a call that has not been compiled yet, or is waited for alone, takes many times what it takes later.
 */
function warm(): number {
  const begin = performance.now()
  let best = Number.POSITIVE_INFINITY
  for (let count = 0, inner = 1; count < 2 || performance.now() - begin < 300; count++) {
    const start = performance.now()
    complete(inner)
    const ms = performance.now() - start
    best = Math.min(best, ms / inner)
    if (ms < 1) inner *= 2
  }
  return best
}

function sample(samples: number, inner: number): number[] {
  const bench = new Bench({ iterations: samples, time: 0, warmup: false, retainSamples: true, throws: true })
  bench.add('call', () => complete(inner))
  bench.runSync()
  const result = bench.tasks[0]?.result as { latency?: { samples?: readonly number[] } } | undefined
  return (result?.latency?.samples ?? []).map((ms) => ms / inner)
}

/** Of the call, of several: neighbours only make it slower. */
function fastestProfile(): Profile {
  const profiles = Array.from({ length: PROFILES }, () => profile(() => complete(1)))
  const busy = (p: Profile): number => p.operators.reduce((sum, { ms }) => sum + ms, 0)
  return profiles.reduce((a, b) => (busy(b) < busy(a) ? b : a))
}

function caseNamed(name: string): Case {
  const found = CASES.find((c) => c.name === name)
  if (!found) throw new Error(`no case is called ${name}`)
  return found
}

/** Bytes, from the kernel's account of this process. */
function status(field: 'VmRSS' | 'VmHWM'): number {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

async function answer(message: Message): Promise<object> {
  engine.setThreads(threads) // the first native call: a missing module is the answer's error
  setDefaultDevice(device)
  switch (message.cmd) {
    case 'load': {
      call = caseNamed(message.case).prepare()
      if (graphs) {
        const graph = await cudaGraph(call)
        call = () => graph.replay()
      }
      return { estimateMs: warm(), variant: '' }
    }
    case 'run': {
      if (message.warmup > 0) complete(message.warmup)
      return { ms: sample(message.samples, message.inner) }
    }
    case 'parts': {
      call = caseNamed(message.case).prepare()
      warm()
      return { parts: partsOf(fastestProfile().operators) }
    }
    case 'memory': {
      const found = caseNamed(message.case)
      const before = status('VmRSS')
      call = found.prepare()
      for (let i = 0; i < message.steps; i++) complete(1)
      return { bytes: status('VmHWM') - before, variants: [] }
    }
    case 'peak':
      return { rate: loadNative().measurePeak(message.name, threads) }
    case 'device':
      return { ...cuda.properties(device) }
    case 'soak': {
      const found = SOAKS.find((s) => s.name === message.case)
      if (!found) throw new Error(`no soak is called ${message.case}`)
      return { ...(await found.run(message.scale)) }
    }
    case 'unload':
      call = undefined
      return {}
    default:
      throw new Error(`unknown command ${String(message.cmd satisfies never)}`)
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply: object
  try {
    reply = await answer(JSON.parse(line) as Message)
  } catch (error) {
    reply = { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}
