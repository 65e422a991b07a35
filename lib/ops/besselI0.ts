// A Bessel function of numbers, not of tensors. Place in the whole: for Kaiser windows.

/** The modified Bessel function of order 0 by its power series, whose terms are all positive. */
export function besselI0(x: number): number {
  const q = (x * x) / 4
  let [sum, term] = [1, 1]
  for (let i = 1; term > sum * 1e-17; i++) {
    term *= q / (i * i)
    sum += term
  }
  return sum
}
