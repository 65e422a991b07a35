import { ne, type Tensor } from '#lib/index.js'
import {
  Transformer,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
} from '#lib/nn/index.js'
import type { Cases, Inputs, ParityCase } from '../harness.js'

const common = { hidden: 12, dropout: 0 }
const padded = ({ padding }: Inputs): Tensor | null => (padding ? ne(padding, 0) : null)

const encoderLayer: ParityCase = {
  build: (c) => new TransformerEncoderLayer(8, 2, { ...common, ...c }),
  run: (model: TransformerEncoderLayer, inputs) =>
    model.call(inputs['src'] as Tensor, { keyPaddingMask: padded(inputs) }),
}

const decoder = (build: ParityCase['build']): ParityCase => ({
  build,
  run: (model: TransformerDecoderLayer, inputs) => {
    const masks = { causal: true, memoryKeyPaddingMask: padded(inputs) }
    return model.call(inputs['tgt'] as Tensor, inputs['memory'] as Tensor, masks)
  },
})
const decoderLayer = decoder((c) => new TransformerDecoderLayer(8, 2, { ...common, ...c }))

export const transformerLayers: Cases = {
  'encoder layer': encoderLayer,
  'encoder layer pre-norm': encoderLayer,
  'encoder layer causal': {
    ...encoderLayer,
    run: (model: TransformerEncoderLayer, { src }) => model.call(src as Tensor, { causal: true }),
  },
  'encoder layer unbatched': encoderLayer,
  'encoder layer swiglu': encoderLayer,
  'encoder layer geglu': encoderLayer,
  'decoder layer': decoderLayer,
  'decoder layer pre-norm': decoderLayer,
  encoder: { ...encoderLayer, build: ({ layers, ...c }) => new TransformerEncoder(8, 2, layers, { ...common, ...c }) },
  decoder: decoder(({ layers, ...c }) => new TransformerDecoder(8, 2, layers, { ...common, ...c })),
  transformer: {
    build: (c) => new Transformer(8, 2, { ...common, ...c }),
    run: (model: Transformer, inputs) => {
      const padding = padded(inputs)
      const masks = { causal: true, srcKeyPaddingMask: padding, memoryKeyPaddingMask: padding }
      return model.call(inputs['src'] as Tensor, inputs['tgt'] as Tensor, masks)
    },
  },
}
