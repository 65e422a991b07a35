/**
 * Measures what NVIDIA's libraries compute faster than our kernels: matrix products by cuBLASLt, convolutions and attention by cuDNN.
 * Place in the whole: the libraries' side of `sinter tune --device cuda`; what it finds is kept in the tuning file and used by later
 * processes.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { cuda, type MatmulPrecision } from '../engine/cuda.js'
import { device as nameOf, ordinalOf } from '../engine/device.js'
import {
  ALGORITHMS,
  type Choice,
  choicesFor,
  libraryOf,
  sameChoice,
  saveChoice,
  savedChoices,
  type TaskLibrary,
  takeWatched,
  taskLibrary,
  useChoices,
} from '../engine/library-tuning.js'
import { streamOf } from '../engine/stream.js'
import { formatTask, keyOf, parseTask, type VendorTask } from '../engine/vendor-task.js'
import { DeviceError, SinterError, ValueError } from '../errors.js'
import { loadNative } from '../native/load.js'
import type { Tensor } from '../tensor/tensor.js'
import { isFaster, median } from './statistics.js'
import { prepare } from './vendor-work.js'

/** Squares, and the products of transformer layers, forward and backward. */
const PRODUCTS: readonly string[] = ['f32', 'bf16'].flatMap((dtype) =>
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
/** The layers of a ResNet-50 of 64 images of 224 x 224 (He and others 2015), and their gradients. */
const CONVS: readonly string[] = ['f32', 'bf16'].flatMap((dtype) =>
  [
    '64x3x224x224:64x3x7x7:stride=2:padding=3',
    ...[64, 128, 256, 512].map((c, i) => `64x${c}x${56 >> i}x${56 >> i}:${c}x${c}x3x3:padding=1`),
    ...[128, 256, 512].map((c, i) => `64x${c}x${56 >> i}x${56 >> i}:${c}x${c}x3x3:stride=2:padding=1`),
  ].flatMap((shape) => ['conv', 'convInputGrad', 'convWeightGrad'].map((form) => `${form}:${dtype}:${shape}`)),
)
/** GPT-2's, and those of a Llama of 8 billion. */
const ATTENTIONS: readonly string[] = ['attention', 'attentionBackward'].flatMap((form) =>
  ['8x12x1024x64:causal', '2x32x2048x128:keyHeads=8:causal', '8x12x512x64'].map((shape) => `${form}:bf16:${shape}`),
)
const TASKS: readonly string[] = [...PRODUCTS, ...CONVS, ...ATTENTIONS]

const OWN = -1
/** Small products are repeated for so many milliseconds a sample. */
const SAMPLE_MS = 2
const MOST_REPEATS = 64
/** Samples of each way, within the budget. */
const ROUNDS = [5, 45] as const
export interface CudaTuneOptions {
  /** Default 'cuda'. */
  device?: string
  /** How f32 is computed meanwhile, and what the choice holds for. Default `cuda.matmulPrecision`. */
  precision?: MatmulPrecision
  /** Seconds a task, about. Default 1. */
  budget?: number
  /** Whether results are kept for later processes, in the user's cache folder. Default true. */
  save?: boolean
  /** Called after each task, with how many are done and how many there are. */
  onResult?: (result: CudaTuneResult, done: number, total: number) => void
}

export interface CudaTuneResult {
  /** As `tuneCuda` takes it; dtypes are named. */
  readonly task: string
  /** What may compute it beside our kernels. */
  readonly vendor: TaskLibrary
  readonly precision: MatmulPrecision
  /**
   * `library`: it is faster, and computes the task from now on. `own`: it is not, by more than noise. `refused`: it does not take the
   * task.
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

/** What is asked for; the libraries that it takes are here. */
function readTasks(names: readonly string[] | undefined): VendorTask[] {
  const tasks = [...new Map((names ?? TASKS).map(parseTask).map((task) => [formatTask(task), task])).values()]
  const packed = tasks.find((task) => task.kind === 'product' && task.product.packed)
  if (packed) throw new ValueError(`tuneCuda: ${formatTask(packed)}: a packed matrix lies as nt's on a device`)
  const missing = new Map<TaskLibrary, string>()
  for (const library of new Set(tasks.map(libraryOf))) {
    const why = taskLibrary(library).missing
    if (why) missing.set(library, `${library} is not here (${why}); SINTER_${library.toUpperCase()} names its file`)
  }
  const possible = tasks.filter((task) => !missing.has(libraryOf(task)))
  // What was not named is left out where its library is not here, as long as there is something to measure.
  if (missing.size > 0 && (names !== undefined || possible.length === 0))
    throw new DeviceError(`tuneCuda: ${[...missing.values()].join('; ')}`)
  return possible
}

/**
 * Measures matrix products, convolutions and attention on a CUDA device by kernels of our own and by each algorithm that NVIDIA's library
 * names, in turns, by the device's events, and from now on has the library compute those where it is faster by more than noise. What is
 * found is kept in the tuning file after every task, and holds for a device of that name, its driver's version and the library's;
 * processes read the file when they open the device, unless SINTER_TUNING is `off`. Other work on the device falsifies the times, and may
 * be computed either way meanwhile.
 *
 * @param tasks products as for `tune`, but not packed (which is nt on a device); convolutions, of which every form is a task, such as
 * `conv:bf16:16x64x56x56:64x64x3x3:stride=1:padding=1`, `convInputGrad:...`, `convWeightGrad:...`, with `:dilation=`, `:groups=`, `:last`
 * (an image that lies channels-last) and, forward, `:bias`, `:residual`, `:activation=relu`; attention, `attention:bf16:8x12x1024x64:causal`
 * and `attentionBackward:...`, with `:keyHeads=`, `:keys=` and `:valueWidth=` where they are not as the queries'. Default: squares, the
 * products and attention of transformers, and the convolutions of a ResNet-50
 * @throws DeviceError where the device or a library that is asked for is not there, with the reason
 * @throws ValueError for a task, precision or budget that is none
 * @throws SinterError SINTER_BUSY while another `tuneCuda` of the process measures; SINTER_CACHE when the file cannot be written
 */
export async function tuneCuda(
  tasks?: readonly string[],
  { device = 'cuda', precision = cuda.matmulPrecision, budget = 1, save = true, onResult }: CudaTuneOptions = {},
): Promise<CudaTuneResult[]> {
  if (!(budget > 0 && budget < Number.POSITIVE_INFINITY))
    throw new ValueError(`tuneCuda: a budget of ${budget} seconds, expected more than 0`)
  const name = nameOf(device)
  const ordinal = ordinalOf(name)
  if (ordinal === undefined) throw new DeviceError(`tuneCuda: '${device}' is no CUDA device; tune() measures the CPU's`)
  streamOf(name)
  const measured = readTasks(tasks)

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
    for (const task of measured) {
      const vendor = libraryOf(task)
      const library = taskLibrary(vendor).version
      const choice = (algorithm: number): Choice => ({
        device: about.name,
        driver: about.driver,
        library,
        // Convolutions and attention are computed alike under both.
        precision: task.kind === 'product' ? precision : 'ieee',
        task,
        algorithm,
      })
      inUse = inUse.filter((c) => !sameChoice(c, choice(OWN)))
      const others = inUse
      const use = (algorithm: number): void => useChoices(ordinal, [...others, choice(algorithm)])
      const { run, dispose } = prepare(task, name)
      const key = keyOf(task, choice(OWN).precision)
      const found = await measure({ device: name, ordinal, key, run, use }, budget).finally(dispose)
      const kept = choice(found.outcome === 'library' ? found.algorithm : OWN)
      inUse = [...others, kept]
      useChoices(ordinal, inUse)
      if (save) saveChoice(kept)
      const result: CudaTuneResult = { task: formatTask(task), vendor, precision, ...found }
      results.push(result)
      onResult?.(result, results.length, measured.length)
    }
  } finally {
    useChoices(ordinal, inUse)
    cuda.vendorLibraries = before.use
    cuda.matmulPrecision = before.precision
    native.cudaUnwatchVendor()
  }
  return results
}

/** A task on a device, that is computed over and over. */
interface Workload {
  readonly device: string
  readonly ordinal: number
  /** As `keyOf` has it: what else `run` computes is not measured. */
  readonly key: readonly number[]
  readonly run: () => readonly Tensor[]
  /** Has it computed by one of the library's algorithms, or by our kernels. */
  readonly use: (algorithm: number) => void
}

interface Sample {
  /** Milliseconds a task. */
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
  for (let i = 0; i < repeats; i++) for (const result of work.run()) result.dispose()
  await streamOf(work.device).sync()
  const rows = takeWatched().filter(
    ({ device, key }) => device === work.ordinal && work.key.every((word, i) => word === key[i]),
  )
  const { by, algorithms } = rows.at(-1) ?? { by: OWN, algorithms: 0 }
  return { by, algorithms, time: rows.reduce((sum, { time }) => sum + time, 0) / rows.length }
}

type Found = Omit<CudaTuneResult, 'task' | 'vendor' | 'precision'>

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
