// The problem of test/golden/optim.py: a network 3 -> 4 (tanh) -> 3 with a batch a step, and a badly scaled quadratic.
import { readFileSync } from 'node:fs'
import { add, matmul, mean, mul, noGrad, pow, roll, scope, sub, sum, type Tensor, tanh, tensor } from '#lib/index.js'
import { Parameter } from '#lib/nn/index.js'

type Floating = 'f32' | 'f64'

export const golden = JSON.parse(readFileSync(new URL('../golden/optim.json', import.meta.url), 'utf8'))

const SHAPES = [[4, 3], [4], [3, 4], [3], [5]]

export function start(dtype: Floating): Parameter[] {
  let k = 0
  return SHAPES.map((shape) => {
    const n = shape.reduce((a, b) => a * b, 1)
    const values = Float64Array.from({ length: n }, () => 0.8 * Math.sin(1 + 1.7 * k++))
    return scope(() => new Parameter(tensor(values).reshape(shape).to(dtype)))
  })
}

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)
const feature = (r: number, f: number) => ((r + f) % 3 === 0 ? 0 : Math.sin(2 + 3 * r + 5 * f))
const target = (r: number, f: number) => Math.cos(1 + 2 * r + 3 * f)

function table(rows: readonly number[], of: (r: number, f: number) => number, dtype: Floating): Tensor {
  const values = Float64Array.from(rows.flatMap((r) => numbers(3).map((f) => of(r, f))))
  return scope(() => tensor(values).reshape([rows.length, 3]).to(dtype))
}

/** The loss of step t, counted from 1, or of all rows; `dispose` frees its data. */
type Loss = ((params: readonly Tensor[], t: number | null) => Tensor) & { dispose(): void }

export function lossOf(dtype: Floating): Loss {
  const batches = [numbers(16), ...numbers(4).map((b) => numbers(4).map((i) => 4 * b + i))].map((rows) => ({
    x: table(rows, feature, dtype),
    y: table(rows, target, dtype),
  }))
  const scale = tensor(Float64Array.of(0.01, 0.1, 1, 10, 100)).to(dtype)
  const loss = (params: readonly Tensor[], t: number | null): Tensor => {
    const { x, y } = batches[t === null ? 0 : 1 + (t % 4)] as (typeof batches)[number]
    const [w1, b1, w2, b2, q] = params as [Tensor, Tensor, Tensor, Tensor, Tensor]
    const hidden = tanh(add(matmul(x, w1.transpose(0, 1)), b1))
    const out = add(matmul(hidden, w2.transpose(0, 1)), b2)
    const mixed = add(q, mul(roll(q, 1, 0), 0.3))
    return add(mean(pow(sub(out, y), 2)), mul(sum(mul(scale, pow(sub(mixed, 1), 2))), 0.5))
  }
  const dispose = () => {
    for (const data of [...batches.flatMap(({ x, y }) => [x, y]), scale]) data.dispose()
  }
  return Object.assign(loss, { dispose })
}

export async function valuesOf(params: readonly Tensor[]): Promise<number[]> {
  const values: number[] = []
  for (const p of params) {
    const wide = scope(() => p.detach().to('f64'))
    values.push(...((await wide.data()) as Float64Array))
    wide.dispose()
  }
  return values
}

/** Rounds f64 tensors to what a narrower dtype holds. */
export function roundTo(dtype: 'f32' | 'bf16', tensors: readonly Tensor[]): void {
  noGrad(() => {
    for (const t of tensors) t.copy_(t.detach().to(dtype).to('f64'))
  })
}

export const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs))
export const distance = (a: readonly number[], b: readonly number[]): number =>
  largest(a.map((x, i) => x - (b[i] as number)))
