/**
 * Whole models in evaluation mode. bf16: weights and activations; dynint8: linear layers with weights of bytes and activations quantized
 * on the way. A call of gpt2_decode makes 32 tokens, one after the other, from the likeliest each, behind a prompt of 64 in the cache.
 */
import { noGrad, randint, randn, scope, type Tensor } from 'sinter'
import { Bert, GPT2, resnet18 } from 'sinter/models'
import type { Module } from 'sinter/nn'
import { quantizeDynamic } from 'sinter/quant'
import { type Case, forwardOnly } from '../case.js'

const FORMS = ['f32', 'bf16', 'dynint8'] as const
type Form = (typeof FORMS)[number]

const DTYPES = { f32: 'f32', bf16: 'bf16', dynint8: 'i8' } as const

/** Ready for inference, in one of the forms; activations of seven bits, as torch's. */
function formed<M extends Module>(model: M, form: Form): M {
  model.eval()
  if (form === 'bf16') model.to('bf16')
  if (form === 'dynint8') quantizeDynamic(model, { reduceRange: true })
  return model
}

/** Multiply-adds of ResNet-18's convolutions and its linear layer for one image of 224 x 224. */
const RESNET18 = 1_814_073_344

const resnet: Case = {
  name: 'infer.resnet18.b1.224',
  dtype: 'f32',
  flops: 2 * RESNET18,
  prepare() {
    const model = resnet18().fuse()
    const x = randn([1, 3, 224, 224])
    return forwardOnly(() => noGrad(() => model.call(x)))
  },
}

const [LAYERS, WIDTH, POSITIONS] = [12, 768, 128]

function bertCase(form: Form): Case {
  return {
    name: `infer.bert_enc.t${POSITIONS}.${form}`,
    dtype: DTYPES[form],
    flops: LAYERS * (2 * POSITIONS * 12 * WIDTH * WIDTH + 4 * POSITIONS * POSITIONS * WIDTH),
    prepare() {
      const { encoder } = formed(new Bert({ vocabSize: 1, positions: 1, pooler: false }), form)
      const x = form === 'bf16' ? randn([1, POSITIONS, WIDTH]).to('bf16') : randn([1, POSITIONS, WIDTH])
      return forwardOnly(() => noGrad(() => encoder.call(x)))
    },
  }
}

const [PROMPT, NEW_TOKENS] = [64, 32]
/** Weights that one token reads: all but the token and position tables; the output layer is the token table. */
const DECODED = 123_653_376

function decodeCase(form: Form): Case {
  const bytes = { f32: 4, bf16: 2, dynint8: 1 }[form]
  return {
    name: `infer.gpt2_decode.${form}`,
    dtype: DTYPES[form],
    bytes: NEW_TOKENS * DECODED * bytes,
    items: NEW_TOKENS,
    prepare() {
      const model = formed(new GPT2(), form)
      const cache = model.cache()
      const likeliest = (logits_BTV: Tensor): Tensor => logits_BTV.select(1, -1).argmax(-1, { keepDim: true })
      const first = noGrad(() => likeliest(model.call(randint(0, 50257, [1, PROMPT]), cache)))
      return () =>
        noGrad(() =>
          scope(() => {
            cache.truncate(PROMPT)
            let token = first
            for (let i = 0; i < NEW_TOKENS; i++) token = likeliest(model.call(token, cache))
          }),
        )
    },
  }
}

export const infer: readonly Case[] = [resnet, ...FORMS.map(bertCase), ...FORMS.map(decodeCase)]
