/**
 * The fuzzer: random calls of random operators on random views, against the reference backend. Place in the whole: fuzz.test.ts
 * runs it for a while in every test run, scripts/fuzz.mjs for as long as one likes.
 *
 * A call is wrong when its result differs from the oracle's by more than rounding explains, when one of the two throws and the
 * other does not, or when tensors or bytes are left behind.
 */
import { engine, noGrad, SinterError, scope, type Tensor } from '#lib/index.js'
import { type DType, isComplex, isFloating } from '#lib/tensor/dtype.js'
import { show } from '#lib/tensor/shape.js'
import { numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'
import { CATALOG, type Entry } from './catalog.js'

export interface FuzzOptions {
  seed: number
  /** Stop after so many calls, or so many milliseconds. */
  calls?: number
  ms?: number
  /** Only entries whose name matches. */
  only?: RegExp
}

export interface FuzzReport {
  seed: number
  calls: number
  /** Calls that both devices refused with a typed error. */
  refused: number
  byOperator: Map<string, number>
  failures: string[]
}

const EPS: Partial<Record<DType, number>> = { f32: 2 ** -23, f64: 2 ** -52, bf16: 2 ** -7, f16: 2 ** -10 }
/** Calls between checks of what is left behind. */
const ROUND = 500
const MOST_FAILURES = 10

export function fuzz({
  seed,
  calls = Number.POSITIVE_INFINITY,
  ms = Number.POSITIVE_INFINITY,
  only,
}: FuzzOptions): FuzzReport {
  const entries = only ? CATALOG.filter((e) => only.test(e.name)) : CATALOG
  const report: FuzzReport = { seed, calls: 0, refused: 0, byOperator: new Map(), failures: [] }
  const end = Date.now() + ms
  while (report.calls < calls && Date.now() < end && report.failures.length < MOST_FAILURES) {
    engine.syncSync()
    const before = engine.memory()
    for (let i = 0; i < ROUND && report.calls < calls; i++) oneCall(entries, report)
    engine.syncSync()
    const after = engine.memory()
    if (after.tensors !== before.tensors || after.live !== before.live) {
      report.failures.push(
        `calls ${report.calls - ROUND} to ${report.calls} of seed ${seed} left ${after.tensors - before.tensors} tensors and ${after.live - before.live} bytes behind`,
      )
    }
  }
  return report
}

/** One call, which its number and the seed repeat. */
function oneCall(entries: readonly Entry[], report: FuzzReport): void {
  const r = new Random(`${report.seed}.${report.calls++}`)
  const entry = r.pick(entries)
  report.byOperator.set(entry.name, (report.byOperator.get(entry.name) ?? 0) + 1)
  try {
    const refused = scope(() => noGrad(() => tryCall(entry, r)))
    if (refused) report.refused++
  } catch (error) {
    report.failures.push(`seed ${report.seed}, call ${report.calls - 1}, ${entry.name}: ${(error as Error).message}`)
  }
}

function tryCall(entry: Entry, r: Random): boolean {
  const call = entry.draw(r)
  const what = call.inputs.map(([t]) => `${t.dtype} ${show(t.shape)}${t.isContiguous ? '' : ' view'}`).join(', ')
  const outcomes = [0, 1].map((device) => {
    try {
      const y = call.run(call.inputs.map((both) => both[device] as Tensor))
      const list: readonly Tensor[] = Array.isArray(y) ? y : [y as Tensor]
      // Errors of the execution appear at the read.
      return {
        results: list.map((t) => ({ t, values: isComplex(t.dtype) ? new Float64Array(0) : numbers(t) })),
        error: null,
      }
    } catch (error) {
      if (!(error instanceof SinterError)) throw new Error(`${what}: ${String(error)}`)
      return { results: [], error }
    }
  })
  const [mine, truth] = outcomes as [(typeof outcomes)[0], (typeof outcomes)[0]]
  if (mine.error || truth.error) {
    if (mine.error?.code === truth.error?.code) return true
    throw new Error(
      `${what}: ${mine.error?.message ?? 'computed'}; by the oracle ${truth.error?.message ?? 'computed'}`,
    )
  }
  const size = call.inputs.reduce((m, [t]) => Math.max(m, isFloating(t.dtype) ? largest(numbers(t)) : 0), 1)
  truth.results.forEach(({ t, values }, k) => {
    const got = mine.results[k] as { t: Tensor; values: Float64Array }
    if (got.t.dtype !== t.dtype || show(got.t.shape) !== show(t.shape))
      throw new Error(
        `${what}: result ${k} is ${got.t.dtype} ${show(got.t.shape)}, by the oracle ${t.dtype} ${show(t.shape)}`,
      )
    const eps = EPS[t.dtype] ?? 0
    const terms = Math.max(1, ...call.inputs.map(([x]) => x.numel))
    const tolerance =
      eps * (entry.roundings ?? 8) * (1 + Math.log2(terms)) * Math.max(size ** (entry.power ?? 1), largest(values))
    values.forEach((e, i) => {
      const v = got.values[i] as number
      if (Object.is(v, e) || v === e || Math.abs(v - e) <= tolerance) return
      throw new Error(
        `${what}: element ${i} of result ${k} ${show(t.shape)} is ${v}, by the oracle ${e}; tolerance ${tolerance}`,
      )
    })
  })
  return false
}

const largest = (v: Float64Array): number => v.reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), 0)
