/** Products of sparse matrices: lib/sparse. Inputs are the values, the dense operand and a bias; the pattern is an argument. */

import { outsideScopes } from '#lib/engine/lifetime.js'
import * as ops from '#lib/index.js'
import { type Tensor, tensor } from '#lib/index.js'
import { type SparseFormat, SparseMatrix, sparseLinear, sparseMatmul } from '#lib/sparse/index.js'
import { numelOf, type Shape } from '#lib/tensor/shape.js'
import { Random } from '../helpers/random.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec } from '../opspec/spec.js'

interface Args {
  pattern: Pattern
  /** The product is with the transpose. */
  transposed?: boolean
  left?: boolean
  activation?: 'relu' | 'gelu' | 'geluTanh' | 'silu'
}

interface Pattern {
  format: SparseFormat
  shape: Shape
  /** Of elements or blocks; 2:4 has its own. */
  density: number
}

const FORMATS: readonly SparseFormat[] = ['csr', 'bsr1x16', 'bsr16x1', 'bsr4x4', '2:4']
const sparse = { kernel: 'sparse' } as const

/** Weak, so that the tests leave nothing behind. */
const made = new Map<string, WeakRef<SparseMatrix>>()

/** The same in every run. */
function matrixOf({ format, shape, density }: Pattern): SparseMatrix {
  const name = `${format} ${shape} ${density}`
  const found = made.get(name)?.deref()
  if (found) return found
  const values = new Float32Array(new Random(name).array(numelOf(shape), (r) => r.uniform(-1, 1)))
  const s = outsideScopes(() =>
    SparseMatrix.fromSync(tensor(values, { shape }) as Tensor, format === '2:4' ? { format } : { format, density }),
  )
  made.set(name, new WeakRef(s))
  return s
}

const valuesOf = (s: Sampler, pattern: Pattern): Input => s.values(matrixOf(pattern).values.shape)

const withValues = (values: Tensor, { pattern, transposed }: Args): SparseMatrix => {
  const s = matrixOf(pattern).withValues(values)
  return transposed ? s.T : s
}

const simple = (): SparseMatrix => matrixOf({ format: 'csr', shape: [4, 6], density: 0.5 })

/** Around the blocks, the tiles of columns and the strips of vectors. */
const SHAPES: readonly (readonly [rows: number, cols: number, n: number, density: number])[] = [
  [5, 7, 3, 0.4],
  [1, 1, 1, 1],
  [16, 16, 8, 1],
  [17, 33, 1, 0.3],
  [19, 6, 4, 0.5],
  [3, 2, 9, 0.5],
  [6, 140, 17, 0.1],
  [20, 9, 33, 0.2],
  [4, 8, 65, 0],
  [0, 5, 3, 0],
  [5, 0, 3, 0],
  [8, 12, 0, 0.5],
]

const product: OpSpec<Args> = {
  name: 'sparseMatmul',
  ops: ['sparseMatmul', 'sparsePack', 'sparseSampled'],
  dtypes: FLOATS,
  refuses: ['i32', 'i64', 'u8', 'bool', 'c64', 'c128'],
  *samples(s) {
    for (const format of FORMATS) {
      for (const [rows, cols, n, density] of SHAPES) {
        const pattern = { format, shape: [rows, cols], density }
        for (const transposed of [false, true])
          for (const left of [false, true]) {
            const inner = transposed !== left ? rows : cols
            const dense = s.values(left ? [n, inner] : [inner, n])
            yield { inputs: [valuesOf(s, pattern), dense], args: { pattern, transposed, left } }
          }
      }
      const pattern = { format, shape: [700, 600], density: 0.2 }
      yield { inputs: [valuesOf(s, pattern), s.values([600, 130])], args: { pattern }, large: true }
      const args = { pattern, transposed: true, left: true }
      yield { inputs: [valuesOf(s, pattern), s.values([70, 600])], args, large: true }
      // Of one column and of batches.
      const thin = { format, shape: [9, 21], density: 0.4 }
      yield { inputs: [valuesOf(s, thin), s.values([21])], args: { pattern: thin } }
      yield { inputs: [valuesOf(s, thin), s.values([2, 3, 9])], args: { pattern: thin, left: true } }
    }
  },
  call: ([values, dense], args) => {
    const s = withValues(values as Tensor, args)
    return args.left ? sparseMatmul(dense as Tensor, s, sparse) : sparseMatmul(s, dense as Tensor, sparse)
  },
  accuracy: {
    roundings: 2,
    serial: true,
    terms: ([, dense], { left }) => dense?.shape.at(left ? -1 : 0) ?? 1,
    magnitude: ([values, dense], args) => {
      const s = withValues(ops.abs(values as Tensor), args)
      const d = ops.abs(dense as Tensor)
      return args.left ? sparseMatmul(d, s, sparse) : sparseMatmul(s, d, sparse)
    },
  },
  gradient: {},
  errors: {
    'inner dimensions': {
      call: (device) => sparseMatmul(simple(), ops.zeros([5, 3], { device })),
      code: 'SINTER_SHAPE',
      message: 'sparseMatmul: inner dimensions differ: (4, 6) x (5, 3): 6 and 5',
    },
    'inner dimensions from the left': {
      call: (device) => sparseMatmul(ops.zeros([2, 5], { device }), simple()),
      code: 'SINTER_SHAPE',
      message: 'sparseMatmul: inner dimensions differ: (2, 5) x (4, 6): 5 and 4',
    },
    batches: {
      call: (device) => sparseMatmul(simple(), ops.zeros([2, 6, 3], { device })),
      code: 'SINTER_SHAPE',
      message: 'sparseMatmul: (4, 6) times (2, 6, 3); takes a matrix or a vector on the right',
    },
    'two dense matrices': {
      call: (device) => sparseMatmul(ops.zeros([2, 2], { device }) as never, ops.zeros([2, 2], { device })),
      code: 'SINTER_VALUE',
      message: 'sparseMatmul: one operand is a SparseMatrix, the other one a dense tensor',
    },
  },
}

const layer: OpSpec<Args> = {
  name: 'sparseLinear',
  ops: ['sparseMatmul', 'sparsePack', 'sparseSampled'],
  dtypes: FLOATS,
  refuses: ['i32', 'i64', 'u8', 'bool', 'c64', 'c128'],
  *samples(s) {
    for (const format of FORMATS) {
      const pattern = { format, shape: [21, 18], density: 0.4 }
      const square = { pattern, transposed: true }
      for (const n of [1, 7, 40]) {
        for (const activation of ['gelu', 'geluTanh', 'silu'] as const)
          yield { inputs: [valuesOf(s, pattern), s.values([n, 18]), s.values([21])], args: { pattern, activation } }
        yield { inputs: [valuesOf(s, pattern), s.values([n, 18]), null], args: { pattern } }
        yield { inputs: [valuesOf(s, pattern), s.values([n, 21]), s.values([18])], args: square }
        const relu: Args = { pattern, activation: 'relu' }
        yield { inputs: [valuesOf(s, pattern), s.values([n, 18]), s.values([21])], args: relu, differentiable: false }
      }
      yield { inputs: [valuesOf(s, pattern), s.values([2, 3, 18]), s.values([21])], args: { pattern } }
    }
  },
  call: ([values, x, bias], args) =>
    sparseLinear(x as Tensor, withValues(values as Tensor, args), bias ?? null, {
      ...sparse,
      activation: args.activation ?? 'none',
    }),
  accuracy: {
    roundings: 10,
    serial: true,
    terms: ([, x]) => x?.shape.at(-1) ?? 1,
    // Activations have slopes of at most 1.13.
    magnitude: ([values, x, bias], args) => {
      const s = withValues(ops.abs(values as Tensor), args)
      return sparseLinear(ops.abs(x as Tensor), s, bias ? ops.abs(bias) : null, sparse)
    },
  },
  gradient: { roundings: 40 },
  errors: {
    input: {
      call: (device) => sparseLinear(ops.zeros([2, 5], { device }), simple()),
      code: 'SINTER_SHAPE',
      message: "sparseLinear: input (2, 5) does not end in the matrix's 6: matrix (4, 6)",
    },
    bias: {
      call: (device) => sparseLinear(ops.zeros([2, 6], { device }), simple(), ops.zeros([6], { device })),
      code: 'SINTER_SHAPE',
      message: 'sparseLinear: bias (6) for 4 outputs',
    },
    'dtype of the bias': {
      call: (device) => sparseLinear(ops.zeros([2, 6], { device }), simple(), ops.zeros([4], { device, dtype: 'f64' })),
      code: 'SINTER_DTYPE',
      message: "sparseLinear: the result is f32, the bias f64; convert it with .to('f32')",
    },
  },
}

export const specs: readonly OpSpec[] = [product, layer]
