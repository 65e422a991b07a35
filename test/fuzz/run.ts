/**
 * The fuzzer: random calls of random operators on random views, against the reference backend. Place in the whole: fuzz.test.ts
 * runs it for a while in every test run, scripts/fuzz.mjs for as long as one likes.
 *
 * A call is wrong when its result or gradient differs from the oracle's by more than rounding explains, when one of the two
 * throws and the other does not, when an error is not typed, or when tensors or bytes are left behind.
 */
import { writeSync } from 'node:fs'
import { engine, grad, noGrad, scope, Tensor, tensor } from '#lib/index.js'
import { isComplex, isFloating } from '#lib/tensor/dtype.js'
import { show } from '#lib/tensor/shape.js'
import { CATALOG } from './catalog/index.js'
import { ANY, type Call, type Entry } from './draw.js'
import { attempt, compare, leavesOf, scaleOf } from './judge.js'
import { type Both, Draw, operand, randomShape, randomValues } from './tensors.js'

export interface FuzzOptions {
  seed: number
  /** Stop after so many calls, or so many milliseconds. */
  calls?: number
  ms?: number
  /** Stop after so many failures. Default 10. */
  most?: number
  /** Number of the first call: a call's number and the seed repeat it. */
  from?: number
  /** Only entries whose name matches. */
  only?: RegExp
  /** Write each call to the standard error before it runs, to find the one that crashes. */
  trace?: boolean
}

export interface FuzzReport {
  seed: number
  calls: number
  /** Calls that both devices refused with a typed error. */
  refused: number
  /** Calls whose gradients were compared. */
  gradients: number
  /** Calls, and refused ones, of each entry. */
  byOperator: Map<string, [calls: number, refused: number]>
  failures: string[]
}

/** Calls between checks of what is left behind. */
const ROUND = 500

export function fuzz({
  seed,
  calls = Number.POSITIVE_INFINITY,
  ms = Number.POSITIVE_INFINITY,
  most = 10,
  from = 0,
  only,
  trace = false,
}: FuzzOptions): FuzzReport {
  const entries = only ? CATALOG.filter((e) => only.test(e.name)) : CATALOG
  const report: FuzzReport = { seed, calls: 0, refused: 0, gradients: 0, byOperator: new Map(), failures: [] }
  const end = Date.now() + ms
  while (report.calls < calls && Date.now() < end && report.failures.length < most) {
    engine.syncSync()
    const before = engine.memory()
    const first = from + report.calls
    for (let i = 0; i < ROUND && report.calls < calls; i++) oneCall(entries, from + report.calls++, report, trace)
    for (const error of unread()) {
      report.failures.push(
        `calls ${first} to ${from + report.calls} of seed ${seed}: nothing read the error '${error}'`,
      )
    }
    const after = engine.memory()
    if (after.tensors !== before.tensors || after.live !== before.live) {
      report.failures.push(
        `calls ${first} to ${from + report.calls} of seed ${seed} left ${after.tensors - before.tensors} tensors and ${after.live - before.live} bytes behind`,
      )
    }
  }
  return report
}

/** Errors that no read reported: each stream has its own. */
function unread(): unknown[] {
  const errors: unknown[] = []
  for (;;) {
    try {
      engine.syncSync()
      return errors
    } catch (error) {
      errors.push(error)
    }
  }
}

/** One call, which its number and the seed repeat. */
function oneCall(entries: readonly Entry[], number: number, report: FuzzReport, trace: boolean): void {
  const r = new Draw(`${report.seed}.${number}`)
  const entry = r.pick(entries)
  const begin = (what: string): void => {
    if (trace) writeSync(2, `call ${number}: ${entry.name} ${what}\n`)
  }
  const counts = report.byOperator.get(entry.name) ?? [0, 0]
  report.byOperator.set(entry.name, counts)
  counts[0]++
  try {
    if (!scope(() => tryCall(entry, r, report, begin))) return
    report.refused++
    counts[1]++
  } catch (error) {
    report.failures.push(`seed ${report.seed}, call ${number}, ${entry.name}: ${(error as Error).message}`)
  }
}

/** @returns whether it was refused */
function tryCall(entry: Entry, r: Draw, report: FuzzReport, begin: (what: string) => void): boolean {
  r.nonFinite = !entry.finite && r.chance(25)
  const drawn = entry.draw(r)
  const wrong = drawn.inputs.length > 0 && r.chance(40)
  const inputs = wrong ? withStranger(r, drawn.inputs) : drawn.inputs
  const differentiate = !wrong && entry.gradient !== false && !r.nonFinite && r.chance(6)
  if (differentiate) report.gradients++
  const scale = scaleOf(drawn.inputs)
  const key = r.int(0, 2 ** 31)
  r.seal()
  const what = inputs.map(([t]) => `${t.dtype} ${show(t.shape)}${t.isContiguous ? '' : ' view'}`).join(', ')
  begin(what)
  try {
    const [mine, truth] = [0, 1].map((device) => {
      const operands = inputs.map((both) => both[device] as Tensor)
      return attempt(() =>
        differentiate
          ? withGradients(drawn.run, operands, key)
          : noGrad(() => ({ results: drawn.run(...operands), gradients: [] })),
      )
    }) as [ReturnType<typeof attempt>, ReturnType<typeof attempt>]
    // A stranger's values may lie where the operator is not defined, or steep: there only the refusal is judged.
    return compare(mine, truth, entry, scale, !wrong)
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    drawn.done?.()
  }
}

/** One of the operands replaced by something else: of another shape or dtype, from another device, or disposed of. */
function withStranger(r: Draw, inputs: readonly Both[]): readonly Both[] {
  const at = r.int(0, inputs.length)
  const [old] = inputs[at] as Both
  const shape = r.chance(2) ? old.shape : randomShape(r)
  const [mine, truth] = operand(r, shape, r.chance(3) ? old.dtype : r.pick(ANY))
  const kind = r.int(0, 12)
  if (kind === 0) for (const t of [mine, truth]) t.dispose()
  return inputs.map((both, i) => (i === at ? (kind === 1 ? [truth, mine] : [mine, truth]) : both))
}

/** The results, and gradients of their sum with random weights. */
function withGradients(
  run: Call['run'],
  operands: readonly Tensor[],
  key: number,
): { results: unknown; gradients: readonly (Tensor | null)[] } {
  const leaves = operands.map((t) => (isFloating(t.dtype) || isComplex(t.dtype) ? t.detach().requiresGrad_() : t))
  const results = run(...leaves)
  const outputs = leavesOf(results).filter((t): t is Tensor => t instanceof Tensor && t.requiresGrad)
  const wanted = leaves.filter((t) => t.requiresGrad)
  if (outputs.length === 0 || wanted.length === 0) return { results, gradients: [] }
  const r = new Draw(key)
  const gradOutputs = outputs.map(
    (t) =>
      tensor(randomValues(r, t.shape, t.dtype, { low: -1, high: 1 }), {
        dtype: t.dtype,
        shape: t.shape,
        device: t.device,
      }) as Tensor,
  )
  return { results, gradients: grad(outputs, wanted, { gradOutputs, allowUnused: true }) }
}
