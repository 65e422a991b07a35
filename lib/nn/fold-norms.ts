// Inference without batch norms. Place in the whole: fuse-conv-bn.ts folds one norm into one convolution, this a whole model's.

import type { LinearActivation } from '../ops/fusedActivation.js'
import { GELU, ReLU, SiLU } from './activations.js'
import { Sequential } from './containers.js'
import { Conv1d, Conv2d, Conv3d } from './conv.js'
import { Identity } from './flatten.js'
import { fuseConvBn } from './fuse-conv-bn.js'
import type { Module } from './module.js'
import { BatchNorm1d, BatchNorm2d, BatchNorm3d } from './norm.js'

/** A module that folds its own norms: `fold` is called once it is in eval mode, and may be called again. */
export interface Folds {
  fold(): void
}

const folds = (module: Module): module is Module & Folds => typeof (module as Partial<Folds>).fold === 'function'

type Convolution = Conv1d | Conv2d | Conv3d

/** Convolutions and norms of as many dimensions. */
const PAIRS = [
  [Conv1d, BatchNorm1d],
  [Conv2d, BatchNorm2d],
  [Conv3d, BatchNorm3d],
] as const

/** What a convolution can do in its own pass. */
function activationOf(layer: Module | undefined): LinearActivation | null {
  if (layer instanceof ReLU) return 'relu'
  if (layer instanceof SiLU) return 'silu'
  if (layer instanceof GELU) return layer.options.approximate === 'tanh' ? 'geluTanh' : 'gelu'
  return null
}

/** A copy, in eval mode, that ends with the activation; the given one may stand elsewhere too. */
function activated<C extends Convolution>(conv: C, activation: LinearActivation): C {
  const { weight, bias, options } = conv
  const [outputs, inputs, ...kernel] = weight.shape as [number, number, ...number[]]
  const Layer = conv.constructor as new (inputs: number, outputs: number, kernel: number[], options: object) => C
  const more = { activation, values: { weight, bias } }
  return new Layer(inputs * (options.groups ?? 1), outputs, kernel, { ...options, ...more }).eval() as C
}

/** Layers that went into the one before are replaced by identities, so that the others keep their names. */
function foldSequence(layers: Sequential): void {
  for (let i = 0; i < layers.length; i++) {
    const at = i
    const pair = PAIRS.find(([Conv]) => layers.at(at) instanceof Conv)
    const conv = layers.at(at) as Convolution
    if (pair === undefined || (conv.options.activation ?? 'none') !== 'none') continue
    let folded = conv
    const norm = layers.at(i + 1)
    if (norm instanceof pair[1] && norm.runningMean !== null) {
      folded = fuseConvBn(folded, norm as BatchNorm2d)
      layers._setChild(String(++i), new Identity())
    }
    const activation = activationOf(layers.at(i + 1))
    if (activation !== null) {
      folded = activated(folded, activation)
      layers._setChild(String(++i), new Identity())
    }
    if (folded !== conv) layers._setChild(String(at), folded)
  }
}

/**
 * Prepares a model for inference, in place: puts it into eval mode; each batch norm that follows a convolution in a Sequential, or in a
 * module that folds its own (`Conv2dNormActivation`), goes into the convolution's weight and bias by its running statistics; a ReLU,
 * SiLU or GELU that follows then is done in the convolution's pass. The convolutions are new, and hooks of what was folded are gone:
 * load a state dict before. Further calls change nothing.
 */
export function foldNorms<M extends Module>(model: M): M {
  model.eval()
  for (const module of [...model.modules()]) {
    if (module instanceof Sequential) foldSequence(module)
    else if (folds(module)) module.fold()
  }
  return model
}
