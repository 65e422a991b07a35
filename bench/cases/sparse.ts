/**
 * Products of pruned matrices. Names end in the sizes of the matrix and the columns of the dense operand; csr80 has 80 % zeros,
 * bsr16x1.80 as many in blocks. 2:4 rows are a layer at batch 1. Flops are those of the kept elements.
 */
import { type DType, randn, scope } from 'sinter'
import { type SparseFormat, SparseMatrix, sparseLinear, sparseMatmul } from 'sinter/sparse'
import { type Case, forwardOnly } from '../case.js'

const SIDE = 4096
const COLUMNS = 256
const sparse = { kernel: 'sparse' } as const

function matrix(format: SparseFormat, kept: number, dtype?: 'bf16' | 'i8'): SparseMatrix {
  const options = { format, ...(dtype ? { dtype } : {}), ...(format === '2:4' ? {} : { density: kept }) }
  return scope(() => SparseMatrix.fromSync(randn([SIDE, SIDE]), options))
}

function times(name: string, format: SparseFormat, zeros: number): Case {
  const kept = 1 - zeros / 100
  return {
    name: `sparse.${name}.${SIDE}x${SIDE}x${COLUMNS}`,
    dtype: 'f32',
    flops: 2 * Math.round(kept * SIDE * SIDE) * COLUMNS,
    prepare() {
      const s = matrix(format, kept)
      const b = randn([SIDE, COLUMNS])
      return forwardOnly(() => sparseMatmul(s, b, sparse))
    },
  }
}

/** Half of the weights, and two bits each, are read. */
function decode(dtype: 'f32' | 'bf16' | 'i8', bytes: number): Case {
  return {
    name: `sparse.2:4.${dtype}.${SIDE}x${SIDE}x1`,
    dtype: dtype === 'i8' ? 'f32' : (dtype as DType),
    bytes: (SIDE * SIDE * (bytes + 0.25)) / 2,
    prepare() {
      const s = matrix('2:4', 0.5, dtype === 'f32' ? undefined : dtype)
      const x = randn([1, SIDE])
      return forwardOnly(() => sparseLinear(x, s, null, sparse))
    },
  }
}

/** Tokens of a batch through a pruned layer, as tensor cores have it. */
function batch(): Case {
  return {
    name: `sparse.2:4.bf16.${SIDE}x${SIDE}x${COLUMNS}`,
    dtype: 'bf16',
    flops: SIDE * SIDE * COLUMNS,
    bytes: (SIDE * SIDE * 2.25) / 2 + 2 * SIDE * COLUMNS * 2,
    prepare() {
      const s = matrix('2:4', 0.5, 'bf16')
      const x = scope(() => randn([COLUMNS, SIDE]).to('bf16'))
      return forwardOnly(() => sparseLinear(x, s, null, sparse))
    },
  }
}

const ZEROS = [80, 90, 95] as const

export const sparseProducts: readonly Case[] = [
  ...ZEROS.map((zeros) => times(`csr${zeros}`, 'csr', zeros)),
  ...(['bsr1x16', 'bsr16x1', 'bsr4x4'] as const).flatMap((format) =>
    ZEROS.map((zeros) => times(`${format}.${zeros}`, format, zeros)),
  ),
  {
    name: `sparse.dense_reference.${SIDE}x${SIDE}x${COLUMNS}`,
    dtype: 'f32',
    flops: 2 * SIDE * SIDE * COLUMNS,
    prepare() {
      const [a, b] = [randn([SIDE, SIDE]), randn([SIDE, COLUMNS])]
      return forwardOnly(() => a.matmul(b))
    },
  },
  decode('f32', 4),
  decode('bf16', 2),
  decode('i8', 1),
  batch(),
]
