// Layers whose weights are bytes, and models made of them. Place in the whole: the one file of lib/quant that knows lib/nn.
import { noGrad } from '../autograd/mode.js'
import { ValueError } from '../errors.js'
import { Linear, LinearInOut, Module, modulePaths, type Parameter, replaceModules } from '../nn/index.js'
import { add } from '../ops/binary.js'
import { dropout } from '../ops/dropout.js'
import type { EpilogueOptions } from '../ops/linear.js'
import { transpose } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { dynamicQuantizedLinear } from './linear.js'
import { type Int8Weight, type QuantizeWeightOptions, quantizeWeight } from './weight.js'

export interface DynamicLinearLayerOptions extends Pick<QuantizeWeightOptions, 'scheme' | 'symmetric'> {
  /** Activations of seven bits: see `dynamicQuantizedLinear`. Default false. */
  reduceRange?: boolean
}

/**
 * A linear layer with a weight of bytes, which quantizes its input on the way: (..., inFeatures) to (..., outFeatures), f32 or bf16 by
 * the bias. For inference; the input's gradient is the straight-through one. A state dict has its bias alone: load first, then quantize.
 */
export class DynamicQuantizedLinear extends Module {
  readonly weight: Int8Weight
  bias: Parameter | null
  readonly reduceRange: boolean

  constructor(weight: Int8Weight, bias: Parameter | null, { reduceRange = false }: { reduceRange?: boolean } = {}) {
    super()
    this.weight = weight
    this.bias = bias
    this.reduceRange = reduceRange
  }

  /** From a layer, whose bias it shares. */
  static from(layer: Linear | LinearInOut, options: DynamicLinearLayerOptions = {}): DynamicQuantizedLinear {
    const { reduceRange = false, ...rest } = options
    const stored = layer.weight.detach()
    const weight = noGrad(() => quantizeWeight(layer instanceof LinearInOut ? transpose(stored) : stored, rest))
    return new DynamicQuantizedLinear(weight, layer.bias, { reduceRange })
  }

  /** `then` as Linear's; what the product does not take along follows by operators of their own. */
  override forward(x: Tensor, then: EpilogueOptions = {}): Tensor {
    const { activation = null, scale = 1, residual = null, dropout: p = 0, generator } = then
    const { weight, bias, reduceRange } = this
    if (scale !== 1) throw new ValueError('DynamicQuantizedLinear: takes no scale: put it into the weight')
    const y = dynamicQuantizedLinear(x, weight, bias, { activation, reduceRange })
    const dropped = p > 0 ? dropout(y, p, generator ? { generator } : {}) : y
    return residual ? add(dropped, residual) : dropped
  }
}

/**
 * Replaces every Linear (and LinearInOut) inside a model by a DynamicQuantizedLinear, in place, and frees the weights that nothing else
 * holds. Returns the model.
 *
 * @param options.skip layers that stay as they are, by name
 * @throws ValueError when the model is itself such a layer: nothing holds it in which it could be replaced
 */
export function quantizeDynamic<M extends Module>(
  model: M,
  options: DynamicLinearLayerOptions & { skip?: (name: string, layer: Linear | LinearInOut) => boolean } = {},
): M {
  const { skip, ...layerOptions } = options
  if (isLayer(model))
    throw new ValueError(
      'quantizeDynamic: takes a model with layers inside; for one layer call DynamicQuantizedLinear.from()',
    )
  const all = [...modulePaths(model)]
  const skipped = new Set(all.flatMap(([path, m]) => (isLayer(m) && skip?.(path, m) ? [m as Module] : [])))
  const wanted = (module: Module): boolean => isLayer(module) && !skipped.has(module)
  if (!all.some(([, module]) => wanted(module))) return model
  const replaced = replaceModules(model, wanted, (layer) =>
    DynamicQuantizedLinear.from(layer as Linear | LinearInOut, layerOptions),
  )
  const still = new Set(model.ownedTensors())
  for (const { before } of replaced) for (const t of before.ownedTensors()) if (!still.has(t)) t.dispose()
  return model
}

const isLayer = (module: Module): module is Linear | LinearInOut =>
  module instanceof Linear || module instanceof LinearInOut
