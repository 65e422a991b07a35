/** New tensors and random numbers. PyTorch's operators of OpInfo in Sinter's terms; a part of views.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { drawn, dtypeOf, type Mapping, map } from './mapping.js'

/** dtype and device arguments as options. */
const options = ({ dtype, device }: { dtype?: string; device?: string }, like?: Tensor): any => ({
  ...(dtype ? { dtype: dtypeOf(dtype) } : like ? { dtype: like.dtype } : {}),
  device: like?.device ?? device ?? 'cpu',
})

const made = 'dtype layout device requires_grad pin_memory memory_format'
const value = (v: unknown): number => (typeof v === 'object' ? (v as Tensor).itemSync() : Number(v)) as number

/** An in-place drawing method on a copy. */
const inPlace = (signature: string, draw: (x: Tensor, a: any) => Tensor): Mapping =>
  drawn(`input ${signature}`, ({ input, ...a }) => draw(ops.clone(input.detach()), a))

const window = (f: (n: number, o: any) => Tensor, more = ''): Mapping =>
  map(`M ${more} sym ${made}`.replace('  ', ' '), ({ M, sym, ...a }) =>
    f(M, { ...options(a), symmetric: sym ?? true, a }),
  )

const given = (x: unknown): object => Object.fromEntries(Object.entries(x as object).filter(([, v]) => v != null))

export const creation: Readonly<Record<string, Mapping>> = {
  arange: map(`start end step ${made}`, ({ start, end, step, ...a }) =>
    ops.arange(Number(start), end === undefined ? undefined : Number(end), Number(step ?? 1), options(a)),
  ),
  linspace: map(`start end steps ${made}`, ({ start, end, steps, ...a }) =>
    ops.linspace(start, end, steps, options(a)),
  ),
  'linspace.tensor_overload': map(`start end steps ${made}`, ({ start, end, steps, ...a }) =>
    ops.linspace(start, end, steps, options(a)),
  ),
  logspace: map(`start end steps base ${made}`, ({ start, end, steps, base, ...a }) =>
    ops.logspace(start, end, steps, base, options(a)),
  ),
  'logspace.tensor_overload': map(`start end steps base ${made}`, ({ start, end, steps, base, ...a }) =>
    ops.logspace(start, end, steps, base, options(a)),
  ),
  eye: map(`n m ${made}`, ({ n, m, ...a }) => ops.eye(n, m, options(a))),
  full: map(`size fill_value ${made}`, ({ size, fill_value, ...a }) => ops.full(size, value(fill_value), options(a))),
  zeros: map(`size ${made}`, ({ size, ...a }) => ops.zeros(size, options(a)) as Tensor),
  ones: map(`size ${made}`, ({ size, ...a }) => ops.ones(size, options(a)) as Tensor),
  empty: drawn(`size ${made}`, ({ size, ...a }) => ops.empty(size, options(a)) as Tensor),
  empty_permuted: drawn(`size physical ${made}`, ({ size, ...a }) => ops.empty(size, options(a)) as Tensor),
  empty_strided: drawn(`size stride ${made}`, ({ size, ...a }) => ops.empty(size, options(a)) as Tensor),
  scalar_tensor: map(`value ${made}`, ({ value: v, ...a }) => ops.scalarTensor(Number(v), options(a)) as Tensor),
  full_like: map(`input fill_value ${made}`, ({ input, fill_value, ...a }) =>
    ops.fullLike(input, value(fill_value), options(a, input)),
  ),
  ones_like: map(`input ${made}`, ({ input, ...a }) => ops.onesLike(input, options(a, input))),
  zeros_like: map(`input ${made}`, ({ input, ...a }) => ops.zerosLike(input, options(a, input))),
  empty_like: drawn(`input ${made}`, ({ input, ...a }) => ops.emptyLike(input, options(a, input))),
  new_full: map(`input size fill_value ${made}`, ({ input, size, fill_value, ...a }) =>
    input.newFull(size, value(fill_value), options(a, input)),
  ),
  new_ones: map(`input size ${made}`, ({ input, size, ...a }) => input.newOnes(size, options(a, input))),
  new_zeros: map(`input size ${made}`, ({ input, size, ...a }) => input.newZeros(size, options(a, input))),
  new_empty: drawn(`input size ${made}`, ({ input, size, ...a }) => input.newEmpty(size, options(a, input))),
  new_empty_strided: drawn(`input size stride ${made}`, ({ input, size, ...a }) =>
    input.newEmpty(size, options(a, input)),
  ),

  // ---- random numbers
  randn: drawn(`size ${made}`, ({ size, ...a }) => ops.randn(size, options(a)) as Tensor),
  rand_like: drawn(`input ${made}`, ({ input, ...a }) => ops.randLike(input, options(a, input))),
  randn_like: drawn(`input ${made}`, ({ input, ...a }) => ops.randnLike(input, options(a, input))),
  // One bound or two in front of the size.
  randint: drawn(`first second third ${made}`, ({ first, second, third, ...a }) =>
    typeof second === 'number'
      ? (ops.randint(first, second, third, { dtype: 'i64', ...options(a) }) as Tensor)
      : (ops.randint(0, first, second, { dtype: 'i64', ...options(a) }) as Tensor),
  ),
  randint_like: drawn(`input first second ${made}`, ({ input, first, second, ...a }) =>
    typeof second === 'number'
      ? ops.randintLike(input, first, second, options(a, input))
      : ops.randintLike(input, 0, first, options(a, input)),
  ),
  bernoulli: drawn('input p', ({ input }) => ops.bernoulli(input)),
  multinomial: drawn('input num_samples replacement', ({ input, num_samples, replacement }) =>
    ops.multinomial(input, num_samples, { replacement: replacement ?? false }),
  ),
  normal: drawn('mean std', ({ mean, std }) => ops.normal(mean, std)),
  'normal.number_mean': drawn(`mean std size ${made}`, ({ mean, std, size, ...a }) =>
    size ? (ops.normal(size, mean, std, options(a)) as Tensor) : ops.normal(mean, std),
  ),
  'normal.in_place': inPlace('mean std', (x, { mean, std }) => x.normal_(mean, std)),
  uniform: inPlace('low high', (x, { low, high }) => x.uniform_(low, high)),
  exponential: inPlace('lambd', (x, { lambd }) => x.exponential_(lambd)),
  cauchy: inPlace('median sigma', (x, { median, sigma }) => x.cauchy_(median, sigma)),
  geometric: inPlace('p', (x, { p }) => x.geometric_(p)),
  log_normal: inPlace('mean std', (x, { mean, std }) => x.logNormal_(mean, std)),

  // ---- dropout: what is neither dropped nor kept by chance agrees in value
  ...Object.fromEntries(
    (
      [
        ['dropout', ops.dropout],
        ['dropout2d', ops.dropout2d],
        ['dropout3d', ops.dropout3d],
        ['alpha_dropout', ops.alphaDropout],
        ['feature_alpha_dropout.with_train', ops.featureAlphaDropout],
        ['feature_alpha_dropout.without_train', ops.featureAlphaDropout],
      ] as [string, (x: Tensor, p: number, o: { training: boolean }) => Tensor][]
    ).map(([name, f]) => {
      // The default of the feature forms of alpha dropout is not to train.
      const trains = !name.includes('alpha')
      return [
        `nn.functional.${name}`,
        drawn(
          'input p training inplace',
          ({ input, p, training }) => f(input, p ?? 0.5, { training: training ?? trains }),
          ({ p, training }) => (training ?? trains) && p !== 0 && p !== 1,
        ),
      ]
    }),
  ),
  native_dropout_backward: map('grad_output mask scale', ({ grad_output, mask, scale }) =>
    ops.mul(ops.mul(grad_output, ops.cast(mask, grad_output.dtype)), scale),
  ),

  // ---- windows
  'signal.windows.hann': window(ops.hannWindow),
  'signal.windows.hamming': window(ops.hammingWindow),
  'signal.windows.blackman': window(ops.blackmanWindow),
  'signal.windows.bartlett': window(ops.bartlettWindow),
  'signal.windows.cosine': window(ops.cosineWindow),
  'signal.windows.nuttall': window(ops.nuttallWindow),
  'signal.windows.exponential': window(
    (n, { a, ...o }) => ops.exponentialWindow(n, { ...o, ...given({ tau: a.tau, center: a.center }) }),
    'center tau',
  ),
  'signal.windows.gaussian': window(
    (n, { a, ...o }) => ops.gaussianWindow(n, { ...o, ...given({ std: a.std }) }),
    'std',
  ),
  'signal.windows.kaiser': window(
    (n, { a, ...o }) => ops.kaiserWindow(n, { ...o, ...given({ beta: a.beta }) }),
    'beta',
  ),
  'signal.windows.general_cosine': window((n, { a, ...o }) => ops.generalCosineWindow(n, a.a, o), 'a'),
  'signal.windows.general_hamming': window((n, { a, ...o }) => ops.generalHammingWindow(n, a.alpha, o), 'alpha'),
}
