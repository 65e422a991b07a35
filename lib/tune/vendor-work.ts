/** Tasks of NVIDIA's libraries as work that can be repeated. Place in the whole: what `tuneCuda` measures. */
import { grad } from '../autograd/grad.js'
import { noGrad } from '../autograd/mode.js'
import type { AttentionTask, ConvTask, VendorTask } from '../engine/vendor-task.js'
import { conv1d, conv2d, conv3d, Generator, permute, randn, scaledDotProductAttention } from '../ops/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { prepare as prepareProduct } from './measure.js'

/** Operands of random numbers on a device, and what computes the task of them, and maybe others. */
export interface Prepared {
  /** Its results, to be disposed of. */
  readonly run: () => readonly Tensor[]
  readonly dispose: () => void
}

const CONVS = [conv1d, conv2d, conv3d] as const

function prepareConv(task: ConvTask, device: string): Prepared {
  const options = { dtype: task.dtype, generator: new Generator(1), device }
  const [images, channels, ...places] = task.x as [number, number, ...number[]]
  const stored = task.last ? randn([images, ...places, channels], options) : randn(task.x, options)
  const x = task.last ? permute(stored, [0, 3, 1, 2]) : stored
  const w = randn(task.w, options)
  const bias = task.bias ? randn([task.w[0] as number], options) : null
  const conv = CONVS[task.x.length - 3] as typeof conv2d
  const { stride, padding, dilation, groups, activation } = task
  const compute = (residual: Tensor | null): Tensor =>
    conv(x, w, bias, { stride, padding, dilation, groups, activation, residual } as Parameters<typeof conv2d>[3] &
      object)
  const owned = new Set([stored, x, w, ...(bias ? [bias] : [])])
  const dispose = (): void => {
    for (const t of owned) t.dispose()
  }
  if (task.kind === 'conv') {
    const shape = noGrad(() => compute(null))
    const residual = task.residual ? randn(shape.shape, options) : null
    shape.dispose()
    if (residual) owned.add(residual)
    return { run: () => noGrad(() => [compute(residual)]), dispose }
  }
  const to = task.kind === 'convInputGrad' ? x : w
  to.requiresGrad_()
  const y = compute(null)
  owned.add(y)
  const gradOutputs = randn(y.shape, options)
  owned.add(gradOutputs)
  return { run: () => grad(y, to, { gradOutputs, retainGraph: true }), dispose }
}

function prepareAttention(task: AttentionTask, device: string): Prepared {
  const options = { dtype: task.dtype, generator: new Generator(1), device }
  const [batch, heads, , width] = task.q as [number, number, number, number]
  const { keyHeads, keys, valueWidth, causal } = task
  const operands = [
    randn(task.q, options),
    randn([batch, keyHeads, keys, width], options),
    randn([batch, keyHeads, keys, valueWidth], options),
  ] as [Tensor, Tensor, Tensor]
  const owned = new Set<Tensor>(operands)
  const dispose = (): void => {
    for (const t of owned) t.dispose()
  }
  const compute = (): Tensor =>
    scaledDotProductAttention(...operands, { causal: causal ? 'upperLeft' : false, enableGqa: keyHeads !== heads })
  if (task.kind === 'attention') return { run: () => noGrad(() => [compute()]), dispose }
  for (const t of operands) t.requiresGrad_()
  const y = compute()
  owned.add(y)
  const gradOutputs = randn(y.shape, options)
  owned.add(gradOutputs)
  return { run: () => grad(y, operands, { gradOutputs, retainGraph: true }), dispose }
}

export function prepare(task: VendorTask, device: string): Prepared {
  if (task.kind === 'product') {
    const { run, dispose } = prepareProduct(task.product, device)
    return { run: () => [run()], dispose }
  }
  return 'q' in task ? prepareAttention(task, device) : prepareConv(task, device)
}
