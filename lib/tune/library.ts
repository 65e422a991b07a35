/**
 * Measures which matrix products NVIDIA's cuBLASLt computes faster than our kernels. Place in the whole: the library's side of
 * `sinter tune --device cuda`; what it finds is kept in the tuning file and used by later processes.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { noGrad } from '../autograd/mode.js'
import { cuda, type MatmulPrecision } from '../engine/cuda.js'
import { device as nameOf, ordinalOf } from '../engine/device.js'
import {
  ALGORITHMS,
  type Choice,
  choicesFor,
  keyOf,
  productLibrary,
  sameChoice,
  saveChoice,
  savedChoices,
  useChoices,
} from '../engine/library-tuning.js'
import { formatProduct, parseProduct } from '../engine/product-shape.js'
import { streamOf } from '../engine/stream.js'
import { DeviceError, SinterError, ValueError } from '../errors.js'
import { loadNative } from '../native/load.js'
import type { Tensor } from '../tensor/tensor.js'
import { prepare } from './measure.js'
import { isFaster, median } from './statistics.js'

/** Squares, and the products of transformer layers, forward and backward. */
export const CUDA_PRODUCTS: readonly string[] = ['f32', 'bf16'].flatMap((dtype) =>
  [
    ...[512, 1024, 2048, 4096].map((n) => `${n}x${n}x${n}`),
    ...['4096x768x768', '4096x3072x768', '4096x768x3072', '4096x50257x768'].flatMap((shape) => [
      shape,
      `nt:${shape}`,
      `tn:${shape}`,
    ]),
    'nt:96x1024x1024x64',
    '96x1024x64x1024',
  ].map((shape) => `${dtype}:${shape}`),
)

const OWN = -1
/** Small products are repeated for so many milliseconds a sample. */
const SAMPLE_MS = 2
const MOST_REPEATS = 64
/** Samples of each way, within the budget. */
const ROUNDS = [5, 45] as const
/** Numbers of a watched product: device, the key's eight, who computed it, the library's algorithms, milliseconds. */
const ROW = 12

export interface CudaTuneOptions {
  /** Default 'cuda'. */
  device?: string
  /** How f32 is computed meanwhile, and what the choice holds for. Default `cuda.matmulPrecision`. */
  precision?: MatmulPrecision
  /** Seconds a product, about. Default 1. */
  budget?: number
  /** Whether results are kept for later processes, in the user's cache folder. Default true. */
  save?: boolean
  /** Called after each product, with how many are done and how many there are. */
  onResult?: (result: CudaTuneResult, done: number, total: number) => void
}

export interface CudaTuneResult {
  /** As `tune` takes it; dtypes are named. */
  readonly product: string
  readonly precision: MatmulPrecision
  /**
   * `library`: it is faster, and computes the product from now on. `own`: it is not, by more than noise. `refused`: it does not take the
   * product.
   */
  readonly outcome: 'library' | 'own' | 'refused'
  /** Median milliseconds on the device by our kernels, and by the library's fastest algorithm; NaN where it refused. */
  readonly own: number
  readonly library: number
  /** The fastest of the library's algorithms, as it orders them; -1 where it refused. */
  readonly algorithm: number
  /** How many it named. */
  readonly algorithms: number
}

/**
 * Measures matrix products on a CUDA device by kernels of our own and by each algorithm that cuBLASLt names, in turns, by the device's
 * events, and from now on has the library compute those where it is faster by more than noise. What is found is kept in the tuning file
 * after every product, and holds for a device of that name, its driver's version and the library's; processes read the file when they
 * open the device, unless SINTER_TUNING is `off`. Other work on the device falsifies the times, and may be computed either way meanwhile.
 *
 * @param products as for `tune`, but not packed (which is nt on a device). Default: squares and the products of transformer layers, in
 * f32 and bf16
 * @throws DeviceError where the device or the library is not there, with the reason
 * @throws ValueError for a product, precision or budget that is none
 * @throws SinterError SINTER_BUSY while another `tuneCuda` of the process measures; SINTER_CACHE when the file cannot be written
 */
export async function tuneCuda(
  products: readonly string[] = CUDA_PRODUCTS,
  { device = 'cuda', precision = cuda.matmulPrecision, budget = 1, save = true, onResult }: CudaTuneOptions = {},
): Promise<CudaTuneResult[]> {
  const shapes = [...new Map(products.map(parseProduct).map((p) => [formatProduct(p), p])).values()]
  const packed = shapes.find((p) => p.packed)
  if (packed) throw new ValueError(`tuneCuda: ${formatProduct(packed)}: a packed matrix lies as nt's on a device`)
  if (!(budget > 0 && budget < Number.POSITIVE_INFINITY))
    throw new ValueError(`tuneCuda: a budget of ${budget} seconds, expected more than 0`)
  const name = nameOf(device)
  const ordinal = ordinalOf(name)
  if (ordinal === undefined) throw new DeviceError(`tuneCuda: '${device}' is no CUDA device; tune() measures the CPU's`)
  streamOf(name)
  const library = productLibrary()
  if (library.missing)
    throw new DeviceError(`tuneCuda: cuBLASLt is not here (${library.missing}); SINTER_CUBLASLT names its file`)

  const native = loadNative()
  if (!native.cudaWatchVendor())
    throw new SinterError('SINTER_BUSY', 'tuneCuda: this process is measuring already; await that first')
  const about = native.cudaDevice(ordinal)
  const before = { use: cuda.vendorLibraries, precision: cuda.matmulPrecision }
  const results: CudaTuneResult[] = []
  let inUse = choicesFor(ordinal, savedChoices())
  try {
    await cuda.synchronize(name)
    cuda.matmulPrecision = precision
    cuda.vendorLibraries = 'auto'
    for (const product of shapes) {
      const setting = { device: about.name, driver: about.driver, library: library.version, precision }
      const choice = (algorithm: number): Choice => ({ ...setting, product, algorithm })
      inUse = inUse.filter((c) => !sameChoice(c, choice(OWN)))
      const others = inUse
      const use = (algorithm: number): void => useChoices(ordinal, [...others, choice(algorithm)])
      const { run, dispose } = prepare(product, name)
      const key = [ordinal, ...keyOf(product, precision)]
      const found = await measure({ device: name, key, run, use }, budget).finally(dispose)
      const kept = choice(found.outcome === 'library' ? found.algorithm : OWN)
      inUse = [...others, kept]
      useChoices(ordinal, inUse)
      if (save) saveChoice(kept)
      const result: CudaTuneResult = { product: formatProduct(product), precision, ...found }
      results.push(result)
      onResult?.(result, results.length, shapes.length)
    }
  } finally {
    useChoices(ordinal, inUse)
    cuda.vendorLibraries = before.use
    cuda.matmulPrecision = before.precision
    native.cudaUnwatchVendor()
  }
  return results
}

/** A product on a device, that is computed over and over. */
interface Workload {
  readonly device: string
  /** As a watched product begins: the device, then what `keyOf` says. */
  readonly key: readonly number[]
  readonly run: () => Tensor
  /** Has it computed by one of the library's algorithms, or by our kernels. */
  readonly use: (algorithm: number) => void
}

interface Sample {
  /** Milliseconds a product. */
  readonly time: number
  /** Who computed it. */
  readonly by: number
  /** Of the library, which it named. */
  readonly algorithms: number
}

/** The event loop turns between two samples. */
async function sample(work: Workload, algorithm: number, repeats: number): Promise<Sample> {
  await turn()
  work.use(algorithm)
  for (let i = 0; i < repeats; i++) noGrad(work.run).dispose()
  await streamOf(work.device).sync()
  const words = loadNative().cudaTakeVendor()
  const rows: Sample[] = []
  for (let i = 0; i < words.length; i += ROW) {
    if (!work.key.every((word, j) => word === words[i + j])) continue
    const [by, algorithms, time] = words.slice(i + work.key.length, i + ROW) as [number, number, number]
    rows.push({ by, algorithms, time: time < 0 ? Number.NaN : time })
  }
  const { by, algorithms } = rows.at(-1) ?? { by: OWN, algorithms: 0 }
  return { by, algorithms, time: rows.reduce((sum, { time }) => sum + time, 0) / rows.length }
}

type Found = Omit<CudaTuneResult, 'product' | 'precision'>

async function measure(work: Workload, budget: number): Promise<Found> {
  // The first of each loads what computes it.
  await sample(work, OWN, 1)
  const { time: own } = await sample(work, OWN, 1)
  const { by, algorithms } = await sample(work, 0, 1)
  if (by === OWN) return { outcome: 'refused', own, library: Number.NaN, algorithm: OWN, algorithms: 0 }
  const tried = [OWN, ...Array.from({ length: Math.min(algorithms, ALGORITHMS) }, (_, i) => i)]
  for (const algorithm of tried.slice(2)) await sample(work, algorithm, 1)

  const repeats = Math.min(MOST_REPEATS, Math.max(1, Math.ceil(SAMPLE_MS / own)))
  const rounds = Math.floor((budget * 1000) / (tried.length * repeats * own))
  const [least, most] = ROUNDS
  const times: number[][] = tried.map(() => [])
  for (let round = 0; round < Math.min(most, Math.max(least, rounds)); round++) {
    for (let i = 0; i < tried.length; i++) {
      const at = (i + round) % tried.length
      const found = await sample(work, tried[at] as number, repeats)
      // An algorithm that failed was our kernels': it is none to choose.
      times[at]?.push(found.by === tried[at] ? found.time : Number.POSITIVE_INFINITY)
    }
  }
  const [usual = [], ...others] = times
  const best = others
    .map((t, algorithm) => ({ algorithm, times: t, library: median(t) }))
    .sort((x, y) => x.library - y.library)[0] as { algorithm: number; times: number[]; library: number }
  const outcome = isFaster(best.times, usual) ? 'library' : 'own'
  return { outcome, own: median(usual), library: best.library, algorithm: best.algorithm, algorithms }
}
