import { CLIP_SIZES, Clip, VIT_SIZES, VisionTransformer } from '#lib/models/index.js'
import { countOf, countOfLayers, type Published } from './published.js'

const vit = (name: keyof typeof VIT_SIZES, parameters: number): Published => ({
  name: `ViT-${name}`,
  source: `torchvision vit_${name.toLowerCase().replace('/', '_')}`,
  parameters,
  count: () => countOf(() => new VisionTransformer(VIT_SIZES[name])),
})

/** Of images of another size, which have more positions. */
const huge = (imageSize: number, parameters: number): Published => ({
  name: `ViT-H/14 at ${imageSize}`,
  source: 'torchvision vit_h_14',
  parameters,
  count: () => countOfLayers(32, (layers) => new VisionTransformer({ ...VIT_SIZES['H/14'], imageSize, layers })),
})

export const visionTransformers: readonly Published[] = [
  vit('B/16', 86_567_656),
  vit('B/32', 88_224_232),
  vit('L/16', 304_326_632),
  vit('L/32', 306_535_400),
  huge(224, 632_045_800),
  huge(518, 633_470_440),
  {
    name: 'CLIP ViT-B/32',
    source: 'Hugging Face openai/clip-vit-base-patch32',
    parameters: 151_277_313,
    count: () => countOf(() => new Clip()),
  },
  {
    name: 'CLIP ViT-B/16',
    source: 'Hugging Face openai/clip-vit-base-patch16',
    parameters: 149_620_737,
    count: () => countOf(() => new Clip(CLIP_SIZES['ViT-B/16'])),
  },
  {
    name: 'CLIP ViT-L/14',
    source: 'Hugging Face openai/clip-vit-large-patch14',
    parameters: 427_616_513,
    count: () => countOf(() => new Clip(CLIP_SIZES['ViT-L/14'])),
  },
]
