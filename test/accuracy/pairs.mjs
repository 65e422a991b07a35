// Pairs of f32 numbers for functions of two operands. Place in the whole: the sweep and its tests draw them by a seed.

const float = Math.fround

/** Where exceptions and exact results live: every pair of these. */
export const CORNERS = Float32Array.from(
  [
    0,
    2 ** -149,
    2 ** -126,
    2 ** -25,
    0.5,
    1 - 2 ** -24,
    1,
    1 + 2 ** -23,
    1.5,
    2,
    3,
    2 ** 23 - 0.5,
    2 ** 24 - 1,
    2 ** 24,
    2 ** 31,
  ]
    .concat([float(3.4028234663852886e38), Infinity])
    .flatMap((x) => [x, -x])
    .concat(Number.NaN),
)

/** A pair a call, from four draws in [0, 1). */
const STRATA = [
  // any two magnitudes
  (a, b, c, d) => [(c < 0.5 ? -1 : 1) * 2 ** (277 * a - 149), (d < 0.5 ? -1 : 1) * 2 ** (277 * b - 149)],
  // alike in magnitude
  (a, b, c, d) => [(c < 0.5 ? -1 : 1) * 2 ** (40 * a - 20), (d < 0.5 ? -1 : 1) * 2 ** (40 * a - 20 + 8 * b - 4)],
  // powers within the range of f32 and a little beyond: the exponent of the result is what is uniform
  (a, b, c) => {
    const x = float(2 ** (c < 0.5 ? 254 * a - 126 : 2 * a - 1))
    return [x, (282 * b - 152) / Math.log2(x)]
  },
  // bases next to 1 with large exponents
  (a, b, c) => {
    const x = float(1 + (c < 0.5 ? -1 : 1) * 2 ** (-24 * a))
    return [x, (282 * b - 152) / Math.log2(x)]
  },
  // whole exponents, of negative bases too; the first are exact or halfway between two numbers
  (a, b, c) => [(c < 0.5 ? -1 : 1) * Math.floor(64 * a), Math.floor(40 * b) - 20],
  (a, b, c) => [(c < 0.5 ? -1 : 1) * 2 ** (4 * a - 2), Math.floor(200 * b) - 100],
]

/**
 * `count` pairs, of all strata in turn.
 * @param {number} seed
 * @param {number} count
 * @returns {[Float32Array, Float32Array]}
 */
export function pairs(seed, count) {
  let state = seed * 0x9e3779b9
  // splitmix32
  const draw = () => {
    state = (state + 0x9e3779b9) | 0
    let t = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    t = Math.imul(t ^ (t >>> 15), 0x735a2d97)
    return ((t ^ (t >>> 15)) >>> 0) / 2 ** 32
  }
  const [x, z] = [new Float32Array(count), new Float32Array(count)]
  for (let i = 0; i < count; i++) {
    ;[x[i], z[i]] = STRATA[i % STRATA.length](draw(), draw(), draw(), draw())
  }
  return [x, z]
}
