/**
 * PyTorch's CPU random numbers. Place in the whole: for samples of OpInfo whose results depend on numbers that the operator
 * draws after a fixed seed. Mersenne Twister (Matsumoto and Nishimura 1998) and the transform of Box and Muller (1958), as
 * torch.randn of fewer than 16 elements uses them.
 */

const [SIZE, SHIFT] = [624, 397]

function* mersenneTwister(seed: number): Generator<number, never> {
  const state = new Uint32Array(SIZE)
  state[0] = seed
  const at = (i: number): number => state[i % SIZE] as number
  for (let i = 1; i < SIZE; i++) state[i] = Math.imul(1812433253, at(i - 1) ^ (at(i - 1) >>> 30)) + i
  for (;;) {
    for (let i = 0; i < SIZE; i++) {
      const y = (at(i) & 0x80000000) | (at(i + 1) & 0x7fffffff)
      state[i] = at(i + SHIFT) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    for (let y of state) {
      y ^= y >>> 11
      y ^= (y << 7) & 0x9d2c5680
      y ^= (y << 15) & 0xefc60000
      yield (y ^ (y >>> 18)) >>> 0
    }
  }
}

/** The first n (below 16) values of torch.randn after torch.manual_seed(seed). */
export function torchNormals(seed: number, n: number): Float64Array {
  const words = mersenneTwister(seed)
  const uniform = (): number => {
    const [high, low] = [words.next().value, words.next().value]
    return ((high & 0x1fffff) * 2 ** 32 + low) * 2 ** -53
  }
  const values: number[] = []
  while (values.length < n) {
    const [angle, radius] = [2 * Math.PI * uniform(), Math.sqrt(-2 * Math.log1p(-uniform()))]
    values.push(radius * Math.cos(angle), radius * Math.sin(angle))
  }
  return Float64Array.from(values.slice(0, n))
}
