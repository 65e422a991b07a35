// torch.nn.utils.parametrizations. Place in the whole: test/parity/parametrizations.test.ts compares them.
import type { Tensor } from '#lib/index.js'
import { type LSTM, type Module, parametrizations as ours } from '#lib/nn/index.js'
import type { Cases, Config, ParityCase } from '../harness.js'
import * as named from './by-name.js'

const KINDS = { weight_norm: ours.weightNorm, spectral_norm: ours.spectralNorm, orthogonal: ours.orthogonal }

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

function build({ kind, field, options, ...layer }: Config): Module {
  const register = KINDS[kind as keyof typeof KINDS]
  return register(named.build(layer), camelCase(field), options)
}

/** `length`: terms of the longest sum. */
const of = (length: number): ParityCase => ({ build, length })

export const parametrizations: Cases = {
  weightNorm: of(5),
  weightNormOfConvolution: of(12),
  weightNormAxis: of(6),
  weightNormOfAll: of(12),
  weightNormOfRecurrence: { build, length: 6, run: (model: LSTM, { x }) => model.call(x as Tensor)[0] },
  spectralNorm: of(15),
  spectralNormOfConvolution: of(24),
  spectralNormOfTransposed: of(12),
  spectralNormOfVector: of(5),
  orthogonalMatrixExp: of(4),
  orthogonalCayley: of(5),
  orthogonalPlain: of(5),
}
