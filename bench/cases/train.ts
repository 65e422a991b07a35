/** Whole training steps: gradients cleared, forward, loss, backward, AdamW. Inputs are random and stay the same. */
import { crossEntropy, gelu, randint, randn, scaledDotProductAttention, scope, type Tensor } from 'sinter'
import {
  Conv2d,
  Embedding,
  Flatten,
  init,
  LayerNorm,
  Linear,
  LSTM,
  MaxPool2d,
  Module,
  ModuleList,
  ReLU,
  Sequential,
} from 'sinter/nn'
import { AdamW } from 'sinter/optim'
import type { Case } from '../case.js'

function trainingStep(model: Module, x: Tensor, target: Tensor): () => void {
  const optimizer = new AdamW(model.parameters(), { lr: 1e-4 })
  return () =>
    scope(() => {
      optimizer.zeroGrad()
      const logits = model.call(x) as Tensor
      const classes = logits.shape[logits.rank - 1] as number
      crossEntropy(logits.reshape([-1, classes]), target.reshape([-1])).backward()
      optimizer.step()
    })
}

const IMAGES = 128
/** Multiply-adds of one image in each layer; the first needs no gradient of its input. */
const CNN_LAYERS = [26 * 26 * 32 * 9, 24 * 24 * 64 * 32 * 9, 64 * 12 * 12 * 128, 128 * 10] as const

const mnistCnn: Case = {
  name: `train.mnist_cnn.b${IMAGES}`,
  dtype: 'f32',
  flops: 2 * IMAGES * (3 * CNN_LAYERS.reduce((a, b) => a + b) - CNN_LAYERS[0]),
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

// nanoGPT's character configuration. B: batch, T: block, C: width, H: heads, D: width of a head.
const VOCABULARY = 65
const LAYERS = 6
const HEADS = 6
const WIDTH = 384
const BLOCK = 256
const BATCH = 16

class TransformerBlock extends Module {
  readonly norm1 = new LayerNorm(WIDTH)
  readonly qkv = new Linear(WIDTH, 3 * WIDTH)
  readonly proj = new Linear(WIDTH, WIDTH)
  readonly norm2 = new LayerNorm(WIDTH)
  readonly up = new Linear(WIDTH, 4 * WIDTH)
  readonly down = new Linear(4 * WIDTH, WIDTH)

  forward(x_BTC: Tensor): Tensor {
    const [b, t, c] = x_BTC.shape as [number, number, number]
    const qkv_3BHTD = this.qkv
      .call(this.norm1.call(x_BTC))
      .reshape([b, t, 3, HEADS, c / HEADS])
      .permute([2, 0, 3, 1, 4])
    const [q, k, v] = [0, 1, 2].map((i) => qkv_3BHTD.select(0, i)) as [Tensor, Tensor, Tensor]
    const y_BHTD = scaledDotProductAttention(q, k, v, { causal: true })
    const x = x_BTC.add(this.proj.call(y_BHTD.transpose(1, 2).reshape([b, t, c])))
    return x.add(this.down.call(gelu(this.up.call(this.norm2.call(x)), { approximate: 'tanh' })))
  }
}

class CharGpt extends Module {
  readonly token = new Embedding(VOCABULARY, WIDTH)
  readonly position = new Embedding(BLOCK, WIDTH)
  readonly blocks = new ModuleList(Array.from({ length: LAYERS }, () => new TransformerBlock()))
  readonly norm = new LayerNorm(WIDTH)

  constructor() {
    super()
    for (const p of this.parameters()) if (p.rank > 1) init.normal(p, 0, 0.02)
  }

  forward(tokens_BT: Tensor): Tensor {
    const positions = this.position.weight.narrow(0, 0, tokens_BT.shape[1] as number)
    let x: Tensor = this.token.call(tokens_BT).add(positions)
    for (const block of this.blocks) x = block.call(x)
    return this.norm.call(x).matmul(this.token.weight.transpose(0, 1)) // the head shares the token table
  }
}

const nanoGpt: Case = {
  name: `train.nanogpt_char.b${BATCH}.f32`,
  dtype: 'f32',
  // 2 FLOPs a weight and token, and half of the square of attention, times 3 for backward.
  flops: 3 * BATCH * BLOCK * (2 * (12 * LAYERS * WIDTH * WIDTH + WIDTH * VOCABULARY) + 2 * LAYERS * BLOCK * WIDTH),
  prepare() {
    const tokens = () => randint(0, VOCABULARY, [BATCH, BLOCK])
    return trainingStep(new CharGpt(), tokens(), tokens())
  },
}

// A language model of two LSTM layers: batch x steps.
const LSTM_WIDTH = 512
const LSTM_BATCH = 32
const LSTM_STEPS = 128

class CharLstm extends Module {
  readonly token = new Embedding(VOCABULARY, LSTM_WIDTH)
  readonly layers = new LSTM(LSTM_WIDTH, LSTM_WIDTH, { numLayers: 2, batchFirst: true })
  readonly head = new Linear(LSTM_WIDTH, VOCABULARY)

  forward(tokens_BT: Tensor): Tensor {
    return this.head.call(this.layers.call(this.token.call(tokens_BT))[0] as Tensor)
  }
}

const lstmChar: Case = {
  name: `train.lstm_char.2x${LSTM_WIDTH}.b${LSTM_BATCH}x${LSTM_STEPS}`,
  dtype: 'f32',
  flops: 3 * LSTM_BATCH * LSTM_STEPS * (2 * 2 * 4 * LSTM_WIDTH * 2 * LSTM_WIDTH + 2 * LSTM_WIDTH * VOCABULARY),
  prepare() {
    const tokens = () => randint(0, VOCABULARY, [LSTM_BATCH, LSTM_STEPS])
    return trainingStep(new CharLstm(), tokens(), tokens())
  },
}

export const train: readonly Case[] = [mnistCnn, nanoGpt, lstmChar]
