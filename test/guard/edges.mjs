// Sizes at which blocked products change their way of working, and the numbers that fill the operands. Place in the whole: shared by
// the families of this folder, which run in child processes under SINTER_DEBUG=guard.

/** Around the edges of register tiles of 4, 6, 8, 12, 16, 24, 32 and 48, and primes beyond. */
export const EDGES = [
  0, 1, 3, 4, 5, 6, 7, 11, 12, 13, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 48, 49, 53, 59, 61, 67, 71, 73, 79, 83, 89,
  97, 101, 103, 107, 109, 113, 127, 131,
]
/** Depths: the same, and around blocks of the inner dimension. */
export const DEPTHS = [...EDGES, 255, 256, 257, 383, 384, 385]
/** Unit roundoff of results. */
const ROUNDOFF = { f32: 2 ** -24, f64: 2 ** -53, bf16: 2 ** -8, f16: 2 ** -11, i32: 0 }
export const DTYPES = ['f32', 'f64', 'bf16', 'f16']

/**
 * Operands are whole numbers of at most this size. Every dtype holds them, and sums of up to 2^18 products are whole numbers that f32 holds,
 * so that no order of summation may lose anything: a result differs from the exact one by its own rounding only, and a byte that is not
 * an operand's shows.
 */
const LARGEST = 8

/** How far a result may lie from the exact value. */
export const tolerance = (dtype, exact) => ROUNDOFF[dtype] * Math.abs(exact)

/** A sequence of 32-bit numbers that depends on the seed alone (xorshift). */
export function generator(seed) {
  let state = (seed * 2654435761 + 1) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
}

export function whole(n, next) {
  return Float64Array.from({ length: n }, () => (next() % (2 * LARGEST + 1)) - LARGEST)
}

/** a (m, k) times b (k, n) in float64. */
export function product(a, b, m, n, k) {
  const y = new Float64Array(m * n)
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const x = a[i * k + p]
      for (let j = 0, from = p * n, to = i * n; j < n; j++) y[to + j] += x * b[from + j]
    }
  }
  return y
}

/** The (columns, rows) matrix that stores the transpose of a (rows, columns) one. */
export function flipped(a, rows, columns) {
  const y = new Float64Array(a.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) y[j * rows + i] = a[i * columns + j]
  return y
}

/** Operands (m, k) and (k, n), and their product. */
export function problem(m, n, k) {
  const next = generator(m * 65537 + n * 257 + k)
  const [a, b] = [whole(m * k, next), whole(k * n, next)]
  return { a, b, exact: product(a, b, m, n, k) }
}
