// The largest error of a function of f32 in units in the last place, over samples. Place in the whole: accuracy.test.ts draws them;
// sweep.cpp takes every bit pattern.
//
// The reference is the same function of f64, as in sweep.cpp.
import { scope, tensor } from '#lib/index.js'

/** The number that would follow f32's largest one: what rounds to infinity. */
const BEYOND = 2 ** 128
const within = (x) => Math.max(-BEYOND, Math.min(BEYOND, x))
const words = new DataView(new ArrayBuffer(8))

/**
 * The distance of a result from what it should be.
 * @returns {number} NaN where one is NaN and the other is not, or where zeros differ in sign
 */
export function distanceOf(y, wanted) {
  if (Object.is(y, wanted)) return 0
  if (y === 0 && wanted === 0) return Number.NaN
  const w = within(wanted)
  words.setFloat64(0, w)
  const exponent = ((words.getUint32(0) >>> 20) & 0x7ff) - 1023
  return Math.abs(within(y) - w) * 2 ** (23 - Math.min(127, Math.max(exponent, -126)))
}

/**
 * The largest error for the given arguments, or pairs of them, and where it is.
 * @param {(x: any, z?: any) => any} call
 * @param {...Float32Array} operands
 */
export async function errorOn(call, ...operands) {
  const results = scope(() => ['f32', 'f64'].map((dtype) => call(...operands.map((x) => tensor(x).to(dtype)))))
  const [got, wanted] = [await results[0].data(), await results[1].data()]
  for (const t of results) t.dispose()
  let [error, index] = [0, 0]
  for (let i = 0; i < wanted.length; i++) {
    const distance = distanceOf(got[i], wanted[i])
    if (!(distance <= error)) [error, index] = [distance, i]
    if (Number.isNaN(distance)) break
  }
  return { error, at: operands.map((x) => x[index]) }
}

/** Every `step`-th bit pattern of f32. */
export function patterns(step) {
  return new Float32Array(Uint32Array.from({ length: Math.floor(2 ** 32 / step) }, (_, i) => i * step).buffer)
}
