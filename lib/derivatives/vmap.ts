/**
 * Functions of one sample applied to a batch. Place in the whole: for what has no batched form, and for per-sample gradients
 * (Jacobians by sample, gradient norms for differential privacy). Semantics of torch.func.vmap.
 *
 * The function runs once a sample, on views of the batch, and the results are stacked: everything that works on one sample
 * works on a batch of them, gradients included, at the price of one round of commands a sample.
 */
import { grad } from '../autograd/grad.js'
import { enableGrad } from '../autograd/mode.js'
import { scope } from '../engine/lifetime.js'
import { AutogradError, ShapeError, ValueError } from '../errors.js'
import { zerosLike } from '../ops/creation.js'
import { isTensor } from '../ops/emit.js'
import { stack } from '../ops/join.js'
import { select } from '../ops/views.js'
import { normalizeAxis, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export interface VmapOptions {
  /** Batch axis of each argument, null for what every sample gets whole; one number for all. Default 0. */
  inAxes?: number | null | readonly (number | null)[]
  /** Where the batch axis goes in the results. Default 0. */
  outAxis?: number
}

/**
 * Turns a function of one sample into one of a batch. Arguments that are no tensors are passed on as they are. Tensors in the
 * result (one tensor, or an array) gain the batch axis.
 *
 * @throws ShapeError when batch sizes differ; ValueError when there is nothing to map over or samples give different results
 */
export function vmap<A extends readonly unknown[], R extends Tensor | readonly Tensor[]>(
  fn: (...args: A) => R,
  options: VmapOptions = {},
): (...args: A) => R {
  return (...args) => {
    const { axes, size } = batchOf('vmap', args, options.inAxes)
    const results: (readonly Tensor[])[] = []
    let single = true
    for (let b = 0; b < size; b++) {
      const r = fn(...(args.map((x, i) => sampleOf(x, axes[i] ?? null, b)) as unknown as A))
      single = isTensor(r)
      const list: readonly Tensor[] = isTensor(r) ? [r] : r
      if (b > 0 && list.length !== results[0]?.length)
        throw new ValueError(`vmap: sample 0 gave ${results[0]?.length} results, sample ${b} ${list.length}`)
      results.push(list)
    }
    if (size === 0) throw new ValueError('vmap: the batch is empty, so the shape of the results is unknown')
    const stacked = (results[0] as readonly Tensor[]).map((_, k) =>
      stack(
        results.map((r) => r[k] as Tensor),
        options.outAxis ?? 0,
      ),
    )
    return (single ? stacked[0] : stacked) as R
  }
}

function batchOf(
  what: string,
  args: readonly unknown[],
  inAxes: VmapOptions['inAxes'],
): { axes: (number | null)[]; size: number } {
  if (Array.isArray(inAxes) && inAxes.length !== args.length)
    throw new ValueError(`${what}: inAxes has ${inAxes.length} entries for ${args.length} arguments`)
  let size = -1
  const axes = args.map((x, i) => {
    const axis = Array.isArray(inAxes)
      ? (inAxes[i] as number | null)
      : inAxes === undefined
        ? 0
        : (inAxes as number | null)
    if (!isTensor(x) || axis === null) return null
    if (x.rank === 0) throw new ShapeError(`${what}: argument ${i} has no dimension to map over; give it inAxes null`)
    const a = normalizeAxis(what, axis, x.rank)
    const n = x.shape[a] as number
    if (size >= 0 && n !== size)
      throw new ShapeError(
        `${what}: argument ${i} ${show(x.shape)} has ${n} samples along axis ${axis}, others ${size}`,
      )
    size = n
    return a
  })
  if (size < 0) throw new ValueError(`${what}: no argument to map over`)
  return { axes, size }
}

const sampleOf = (x: unknown, axis: number | null, b: number): unknown =>
  isTensor(x) && axis !== null ? select(x, axis, b) : x

/**
 * Gradient of the loss of every sample by the parameters: for each parameter a tensor (samples, ...its shape). `loss` takes one
 * sample's slices of `inputs` (their first axis is the batch) and gives one number; it may use modules and tensors from
 * elsewhere. Nothing is added to any `grad`.
 */
export function perSampleGradients(
  loss: (...sample: Tensor[]) => Tensor,
  parameters: readonly Tensor[],
  ...inputs: readonly Tensor[]
): Tensor[] {
  for (const [i, p] of parameters.entries())
    if (!p.requiresGrad) throw new AutogradError(`perSampleGradients: parameter ${i} does not require gradients`)
  const { size } = batchOf('perSampleGradients', inputs, 0)
  if (size === 0)
    return scope(() =>
      parameters.map((p) =>
        zerosLike(p)
          .expand([0, ...p.shape])
          .contiguous(),
      ),
    )
  return scope(() => {
    const rows: Tensor[][] = parameters.map(() => [])
    for (let b = 0; b < size; b++) {
      const grads = scope(() =>
        enableGrad(() => {
          const y = loss(...inputs.map((x) => select(x, 0, b)))
          if (!isTensor(y) || y.numel !== 1)
            throw new ShapeError(
              `perSampleGradients: the loss must give one number${isTensor(y) ? `, not ${show(y.shape)}` : ''}`,
            )
          return grad(y, parameters, { allowUnused: true }).map((g, k) => g ?? zerosLike(parameters[k] as Tensor))
        }),
      )
      grads.forEach((g, k) => {
        ;(rows[k] as Tensor[]).push(g)
      })
    }
    return rows.map((r) => stack(r, 0))
  })
}
