/** Attention of a sequence with itself: lib/ops/attention.ts. */
import type { SelfAttentionOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { FLOATS, type OpSpec } from '../opspec/spec.js'
import { weightsRounded } from './attention.spec.js'

interface Args extends SelfAttentionOptions {
  seed?: number
}

const call: OpSpec<Args>['call'] = ([qkv], { seed, ...options }) =>
  ops.selfAttention(qkv as Tensor, {
    ...options,
    ...(seed === undefined ? {} : { generator: new ops.Generator(seed) }),
  })

/** By its three parts, of which the last may be put in its magnitudes' place. */
const callParts: OpSpec<Args>['call'] = (parts, args, device) => call([ops.stack(parts as Tensor[], 2)], args, device)
const rounded = weightsRounded(callParts)

const selfAttention: OpSpec<Args> = {
  name: 'selfAttention',
  ops: ['attention', 'attentionBackward'],
  dtypes: FLOATS,
  *samples(s) {
    for (const shape of [
      [1, 1, 3, 1, 1],
      [2, 5, 3, 2, 4],
      [1, 9, 3, 3, 16],
      [2, 4, 3, 1, 33],
      [0, 3, 3, 2, 4],
    ])
      for (const args of [{}, { causal: true }, { window: 2, scale: 0.3, softcap: 2 }] as const)
        yield { inputs: [s.values(shape)], args }
    yield { inputs: [s.values([2, 6, 3, 2, 4])], args: { dropout: 0.3, seed: 4 } }
    yield { inputs: [s.values([2, 70, 3, 2, 32])], args: { causal: true }, large: true }
  },
  call,
  accuracy: {
    roundings: 10,
    serial: true,
    terms: ([qkv]) => (qkv?.shape.at(-1) as number) + (qkv?.shape[1] as number),
    magnitude: 'norm',
    narrowed: { ...rounded, magnitude: ([qkv], args) => rounded.magnitude(ops.unbind(qkv as Tensor, 2), args) },
  },
  gradient: { roundings: 40 },
  errors: {
    rank: {
      call: (device) => ops.selfAttention(ops.zeros([2, 3, 2, 4], { device })),
      code: 'SINTER_SHAPE',
      message: 'selfAttention: takes queries, keys and values (b, t, 3, h, d), got (2, 3, 2, 4)',
    },
    shapes: {
      call: (device) => ops.selfAttention(ops.zeros([2, 5, 2, 3, 4], { device })),
      code: 'SINTER_SHAPE',
      message: 'selfAttention: takes queries, keys and values (b, t, 3, h, d), got (2, 5, 2, 3, 4)',
    },
  },
}

export const specs: readonly OpSpec[] = [selfAttention]
