/** Whole training steps: gradients cleared, forward, loss, backward, AdamW. Inputs are random and stay the same. */
import { autocast, crossEntropy, randint, randn, scope, type Tensor } from 'sinter'
import { GPT, GPT2, resnet18 } from 'sinter/models'
import { Conv2d, Embedding, Flatten, Linear, LSTM, MaxPool2d, Module, ReLU, Sequential } from 'sinter/nn'
import { AdamW } from 'sinter/optim'
import type { Case } from '../case.js'

/** A step whose forward pass and loss are run by `cast`. */
type Cast = <T>(fn: () => T) => T
const plainly: Cast = (fn) => fn()
const inBf16: Cast = (fn) => autocast({ dtype: 'bf16' }, fn)

function trainingStep(model: Module, x: Tensor, target: Tensor, cast: Cast = plainly): () => void {
  const optimizer = new AdamW(model.parameters(), { lr: 1e-4 })
  return () =>
    scope(() => {
      optimizer.zeroGrad()
      const loss = cast(() => {
        const logits = model.call(x) as Tensor
        const classes = logits.shape[logits.rank - 1] as number
        return crossEntropy(logits.reshape([-1, classes]), target.reshape([-1]))
      })
      loss.backward()
      optimizer.step()
    })
}

/** What the issue of training steps asks for. */
const bar = (): number => 1.1

const IMAGES = 128
/** Multiply-adds of one image in each layer; the first needs no gradient of its input. */
const CNN_LAYERS = [26 * 26 * 32 * 9, 24 * 24 * 64 * 32 * 9, 64 * 12 * 12 * 128, 128 * 10] as const

const mnistCnn: Case = {
  name: `train.mnist_cnn.b${IMAGES}`,
  dtype: 'f32',
  flops: 2 * IMAGES * (3 * CNN_LAYERS.reduce((a, b) => a + b) - CNN_LAYERS[0]),
  bar,
  prepare() {
    const model = new Sequential(
      new Conv2d(1, 32, 3),
      new ReLU(),
      new Conv2d(32, 64, 3),
      new ReLU(),
      new MaxPool2d(2),
      new Flatten(),
      new Linear(64 * 12 * 12, 128),
      new ReLU(),
      new Linear(128, 10),
    )
    return trainingStep(model, randn([IMAGES, 1, 28, 28]), randint(0, 10, [IMAGES]))
  },
}

/** Multiply-adds of one image: those of the first convolution, which needs no gradient of its input, and all. */
const RESNET18 = { imagenet: [118_013_952, 1_814_073_344], cifar: [1_769_472, 555_422_720] } as const

function resnetCase(batch: number, side: 224 | 32): Case {
  const stem = side === 224 ? 'imagenet' : 'cifar'
  const classes = side === 224 ? 1000 : 10
  const [first, all] = RESNET18[stem]
  return {
    name: `train.resnet18.b${batch}.${side === 224 ? side : 'cifar32'}`,
    dtype: 'f32',
    flops: 2 * batch * (3 * all - first),
    bar,
    prepare: () =>
      trainingStep(resnet18({ classes, stem }), randn([batch, 3, side, side]), randint(0, classes, [batch])),
  }
}

const CHARACTERS = 65

interface GptShape {
  readonly label: string
  readonly vocabulary: number
  readonly layers: number
  readonly width: number
  readonly batch: number
  readonly block: number
  /** Whether a step takes seconds. */
  readonly long: boolean
  make(): Module
}

const nano: GptShape = {
  label: 'nanogpt_char.b16',
  vocabulary: CHARACTERS,
  layers: 6,
  width: 384,
  batch: 16,
  block: 256,
  long: false,
  make: () => new GPT({ vocabSize: CHARACTERS, blockSize: 256, layers: 6, heads: 6, channels: 384 }),
}
const gpt2: GptShape = {
  label: 'gpt2_124m.b2x512',
  vocabulary: 50257,
  layers: 12,
  width: 768,
  batch: 2,
  block: 512,
  long: true,
  make: () => new GPT2(),
}

function gptCase({ label, vocabulary, layers, width, batch, block, long, make }: GptShape, amp: boolean): Case {
  return {
    name: `train.${label}.${amp ? 'bf16amp' : 'f32'}`,
    dtype: amp ? 'bf16' : 'f32',
    // 2 FLOPs a weight and token, and half of the square of attention, times 3 for backward.
    flops: 3 * batch * block * (2 * (12 * layers * width * width + width * vocabulary) + 2 * layers * block * width),
    // Without instructions for bf16 products torch takes minutes a step, and so would a quick run.
    long: long || amp,
    bar,
    prepare() {
      const tokens = () => randint(0, vocabulary, [batch, block])
      return trainingStep(make(), tokens(), tokens(), amp ? inBf16 : plainly)
    },
  }
}

// A language model of two LSTM layers: batch x steps.
const LSTM_WIDTH = 512
const LSTM_BATCH = 32
const LSTM_STEPS = 128

class CharLstm extends Module {
  readonly token = new Embedding(CHARACTERS, LSTM_WIDTH)
  readonly layers = new LSTM(LSTM_WIDTH, LSTM_WIDTH, { numLayers: 2, batchFirst: true })
  readonly head = new Linear(LSTM_WIDTH, CHARACTERS)

  forward(tokens_BT: Tensor): Tensor {
    return this.head.call(this.layers.call(this.token.call(tokens_BT))[0])
  }
}

const lstmChar: Case = {
  name: `train.lstm_char.2x${LSTM_WIDTH}.b${LSTM_BATCH}x${LSTM_STEPS}`,
  dtype: 'f32',
  flops: 3 * LSTM_BATCH * LSTM_STEPS * (2 * 2 * 4 * LSTM_WIDTH * 2 * LSTM_WIDTH + 2 * LSTM_WIDTH * CHARACTERS),
  bar,
  prepare() {
    const tokens = () => randint(0, CHARACTERS, [LSTM_BATCH, LSTM_STEPS])
    return trainingStep(new CharLstm(), tokens(), tokens())
  },
}

export const train: readonly Case[] = [
  mnistCnn,
  resnetCase(16, 224),
  resnetCase(64, 32),
  ...[nano, gpt2].flatMap((shape) => [gptCase(shape, false), gptCase(shape, true)]),
  lstmChar,
]
