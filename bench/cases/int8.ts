/**
 * Products of bytes. Names are MxNxK. dynlinear is a linear layer whose activations are quantized on the way, with seven bits as
 * torch's has them; dynlinear8 with eight. Weights are drawn from a normal distribution: bytes of trained weights are bell-shaped.
 */
import { engine, randint, randn } from 'sinter'
import { dynamicQuantizedLinear, intMatmul, quantizeWeight } from 'sinter/quant'
import { type Case, forwardOnly } from '../case.js'

type Mnk = readonly [m: number, n: number, k: number]

const work = ([m, n, k]: Mnk) => ({ flops: 2 * m * n * k, bytes: n * k + 4 * m * (n + k) })

/** Whether this machine has instructions for sums of four products of bytes, which do not saturate. */
const exactBytes = (): boolean => /^(avx512vnni|avx512bf16|amx|neon)$/.test(engine.info().isa)

function dynamic(shape: Mnk, bits: 7 | 8): Case {
  const [m, n, k] = shape
  return {
    name: `gemm.int8.dynlinear${bits === 8 ? '8' : ''}.${m}x${n}x${k}`,
    family: 'gemm.int8',
    dtype: 'i8',
    ...work(shape),
    // On AVX2 no peer multiplies eight bits by eight exactly (docs/performance.md): no ratio is asked for there.
    bar: () => (bits === 7 || exactBytes() ? 0.95 : 0),
    prepare() {
      const weight = quantizeWeight(randn([n, k]))
      const [x, bias] = [randn([m, k]), randn([n])]
      return forwardOnly(() => dynamicQuantizedLinear(x, weight, bias, { reduceRange: bits === 7 }))
    },
  }
}

function integers(side: number): Case {
  const shape: Mnk = [side, side, side]
  return {
    name: `gemm.int8.int_mm.${shape.join('x')}`,
    family: 'gemm.int8',
    dtype: 'i8',
    flops: 2 * side ** 3,
    bar: () => 0.95,
    long: true, // seconds a call for torch
    prepare() {
      const draw = () => randint(-127, 128, shape.slice(0, 2), { dtype: 'i8' })
      const [a, b] = [draw(), draw()]
      return forwardOnly(() => intMatmul(a, b))
    },
  }
}

const LAYERS: readonly Mnk[] = [
  [512, 3072, 768],
  [64, 1024, 1024],
  [1, 4096, 4096],
  [4, 4096, 4096],
]

export const int8: readonly Case[] = [
  ...LAYERS.map((shape) => dynamic(shape, 7)),
  ...LAYERS.map((shape) => dynamic(shape, 8)),
  ...[1024, 2048].map(integers),
]
