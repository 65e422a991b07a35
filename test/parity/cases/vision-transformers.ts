import type { Tensor } from '#lib/index.js'
import {
  Clip,
  type ClipTextConfig,
  type ClipVisionConfig,
  contrastiveLoss,
  VisionTransformer,
} from '#lib/models/index.js'
import type { Cases, Config, ParityCase } from '../harness.js'

const vit: ParityCase = {
  build: ({ image, patch, layers, heads, channels, hidden, classes, representation = null }) =>
    new VisionTransformer({
      imageSize: image,
      patchSize: patch,
      ...{ layers, heads, channels, hidden, classes, representation },
    }),
}

function buildClip({ text, vision, projection, activation }: Config): Clip {
  const { vocab: vocabSize, ...ofText } = text
  const { image: imageSize, patch: patchSize, ...ofVision } = vision
  return new Clip({
    text: { vocabSize, activation, ...ofText } as ClipTextConfig,
    vision: { imageSize, patchSize, activation, ...ofVision } as ClipVisionConfig,
    projection,
  })
}

/** Softmax takes no notice of the keys' bias: its gradient is a difference, 0, of numbers like those that the values' bias gets. */
const like = (name: string): string => name.replace('k_proj.bias', 'v_proj.bias')

const clip = (paired: boolean): ParityCase => ({
  like,
  build: buildClip,
  run: (model: Clip, { images, tokens }, { interpolate }) => {
    const given = { interpolatePositions: interpolate as boolean }
    const result = model.call(images as Tensor, tokens as Tensor, given)
    const { logitsPerImage, logitsPerText, imageFeatures, textFeatures } = result
    const outputs = [logitsPerImage, logitsPerText, imageFeatures, textFeatures]
    return paired ? [...outputs, contrastiveLoss(logitsPerText)] : outputs
  },
})

export const visionTransformers: Cases = {
  vit,
  vitPreLogits: vit,
  clip: clip(true),
  clipGelu: clip(false),
  clipInterpolated: clip(true),
}
