/**
 * Gradients against finite differences. Place in the whole: for users' own functions and for tests; definitions follow
 * torch.autograd.gradcheck.
 */
import { grad } from '../autograd/grad.js'
import { enableGrad, noGrad } from '../autograd/mode.js'
import { scope } from '../engine/lifetime.js'
import { AutogradError, DTypeError, GradcheckError } from '../errors.js'
import { filled } from '../filled.js'
import { tensor, zerosLike } from '../ops/creation.js'
import { isTensor } from '../ops/emit.js'
import { isFloating } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { TensorsFunction } from './functional.js'

export interface GradcheckOptions {
  /** Step of the differences. Default 1e-6, for f64 values around 1. */
  eps?: number
  /** Allowed error: atol + rtol * |numeric|. Defaults 1e-5 and 1e-3. */
  atol?: number
  rtol?: number
  /** Give false instead of throwing. */
  quiet?: boolean
}

/**
 * Compares the Jacobians that backward computes with central differences, element by element. The inputs that require
 * gradients are checked; they should be f64, as f32 has too few digits for differences. The function must be deterministic
 * and differentiable at the point.
 *
 * @returns true; with `quiet` false where they differ
 * @throws GradcheckError naming output, input and element where they differ
 */
export function gradcheck(
  fn: TensorsFunction,
  inputs: Tensor | readonly Tensor[],
  options: GradcheckOptions = {},
): boolean {
  const given = isTensor(inputs) ? [inputs] : inputs
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, quiet = false } = options
  const checked = given.flatMap((x, i) => (x.requiresGrad ? [i] : []))
  if (checked.length === 0)
    throw new AutogradError('gradcheck: no input requires gradients; call requiresGrad_() on some')
  for (const i of checked) {
    const { dtype } = given[i] as Tensor
    if (dtype !== 'f64') throw new DTypeError(`gradcheck: input ${i} is ${dtype}; differences need f64`)
  }
  return scope(() => {
    const values = given.map((x) => (isFloating(x.dtype) ? Float64Array.from(x.dataSync() as Float64Array) : null))
    // Leaves of the check's own, so that inputs may come from anywhere.
    const place = (i: number, v: Float64Array): Tensor => {
      const x = given[i] as Tensor
      return tensor(v, { shape: x.shape, dtype: x.dtype, device: x.device }) as Tensor
    }
    const leaves = given.map((x, i) =>
      checked.includes(i) ? (place(i, values[i] as Float64Array).requiresGrad_() as Tensor) : x.detach(),
    )
    const outputs = enableGrad(() => list(fn(...leaves)))
    const results = outputs.flatMap((y, k) => (isFloating(y.dtype) ? [k] : []))
    const evaluate = (i: number, v: Float64Array): Float64Array[] =>
      scope(() =>
        noGrad(() => {
          const at = leaves.map((x, k) => (k === i ? place(i, v) : x.detach()))
          const ys = list(fn(...at))
          return results.map((k) => Float64Array.from((ys[k] as Tensor).dataSync() as Float64Array))
        }),
      )
    for (const i of checked) {
      const x = values[i] as Float64Array
      const numeric = results.map((k) => new Float64Array((outputs[k] as Tensor).numel * x.length))
      for (let e = 0; e < x.length; e++) {
        const [up, down] = [1, -1].map((sign) => {
          const moved = x.slice()
          moved[e] = (moved[e] as number) + sign * eps
          return evaluate(i, moved)
        }) as [Float64Array[], Float64Array[]]
        up.forEach((u, r) => {
          u.forEach((value, o) => {
            ;(numeric[r] as Float64Array)[o * x.length + e] =
              (value - ((down[r] as Float64Array)[o] as number)) / (2 * eps)
          })
        })
      }
      for (const [r, k] of results.entries()) {
        const y = outputs[k] as Tensor
        for (let o = 0; o < y.numel; o++) {
          const row = scope(() => rowOf(y, o, leaves[i] as Tensor))
          for (let e = 0; e < x.length; e++) {
            const [a, n] = [row[e] as number, (numeric[r] as Float64Array)[o * x.length + e] as number]
            if (Math.abs(a - n) <= atol + rtol * Math.abs(n)) continue
            if (quiet) return false
            throw new GradcheckError(
              `gradcheck: output ${k} ${show(y.shape)}, element ${o}, by input ${i} ${show((given[i] as Tensor).shape)}, element ${e}: backward gives ${a}, differences ${n}`,
            )
          }
        }
      }
    }
    return true
  })
}

/**
 * `gradcheck` of the gradient: second derivatives, through a recorded backward pass. The weights of the outputs are drawn from
 * a fixed sequence, or given as `gradOutputs`.
 */
export function gradgradcheck(
  fn: TensorsFunction,
  inputs: Tensor | readonly Tensor[],
  options: GradcheckOptions & { gradOutputs?: readonly Tensor[] } = {},
): boolean {
  const given = isTensor(inputs) ? [inputs] : inputs
  const checked = given.flatMap((x, i) => (x.requiresGrad ? [i] : []))
  return scope(() => {
    const likes = scope(() =>
      noGrad(() => list(fn(...given.map((x) => x.detach()))).filter((y) => isFloating(y.dtype))),
    )
    const weights = options.gradOutputs ?? likes.map(weightsFor)
    const gradient = (...all: Tensor[]): Tensor[] => {
      const xs = all.slice(0, given.length)
      // Where differences are taken the inputs come as plain values.
      const wanted = checked.map((i) => xs[i] as Tensor)
      for (const x of wanted) if (!x.requiresGrad) x.requiresGrad_()
      const ys = list(fn(...xs)).filter((y) => isFloating(y.dtype))
      const at = ys.flatMap((y, k) => (y.requiresGrad ? [k] : []))
      if (at.length === 0) return wanted.map((x) => zerosLike(x))
      const grads = grad(
        at.map((k) => ys[k] as Tensor),
        wanted,
        { gradOutputs: at.map((k) => all[given.length + k] as Tensor), createGraph: true, allowUnused: true },
      )
      return grads.map((g, k) => g ?? zerosLike(wanted[k] as Tensor))
    }
    const variables = weights.map((w) => w.detach().requiresGrad_() as Tensor)
    return gradcheck((...all) => enableGrad(() => gradient(...all)), [...given, ...variables], options)
  })
}

const list = (y: Tensor | readonly Tensor[]): readonly Tensor[] => (isTensor(y) ? [y] : y)

function rowOf(y: Tensor, o: number, x: Tensor): Float64Array {
  if (!y.requiresGrad) return new Float64Array(x.numel)
  const one = new Float64Array(y.numel)
  one[o] = 1
  const weight = tensor(one, { shape: y.shape, dtype: y.dtype, device: y.device }) as Tensor
  const [g] = grad(y, [x], { gradOutputs: weight, retainGraph: true, allowUnused: true })
  return g ? Float64Array.from(g.dataSync() as Float64Array) : new Float64Array(x.numel)
}

/** Numbers in (-1, 1) without a pattern: the fractional parts of multiples of the golden ratio. */
function weightsFor(y: Tensor): Tensor {
  const v = filled(new Float64Array(y.numel), (i) => (((i + 1) * 0.6180339887498949) % 1) * 2 - 1)
  return tensor(v, { shape: y.shape, dtype: y.dtype, device: y.device }) as Tensor
}
