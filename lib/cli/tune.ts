// `sinter tune`. Place in the whole: from a command line to tune(), a line a product on standard error, a summary or JSON behind.
import type { MatmulPrecision } from '../engine/cuda.js'
import { tuningFile } from '../engine/tuning-cache.js'
import { ValueError } from '../errors.js'
import { type CudaTuneResult, tuneCuda } from '../tune/library.js'
import { clearTuning, tune as measure, type TuneOptions, type TuneResult } from '../tune/tune.js'
import { UsageError } from './usage.js'

/** Measures these products, or the usual ones; returns the exit code. */
export async function tune(products: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const json = options['json'] === true
  if (options['clear'] === true) {
    if (products.length > 0) throw new UsageError('tune: --clear takes no products, it clears all of them')
    const cleared = clearTuning()
    process.stdout.write(json ? `${JSON.stringify({ cleared })}\n` : `cleared ${cleared} of ${tuningFile()}\n`)
    return 0
  }
  if (options['device'] !== undefined && options['device'] !== 'cpu') return await tuneDevice(products, options, json)
  if (options['precision'] !== undefined) throw new UsageError('tune: --precision is for --device cuda')
  const found = new Set<string>()
  const results = await checked(products, {
    ...(options['threads'] === undefined ? {} : { threads: numbers('--threads', options['threads']) }),
    ...(options['budget'] === undefined ? {} : { budget: numbers('--budget', options['budget'])[0] as number }),
    onResult: (result, done, total) => {
      const name = nameOf(result)
      process.stderr.write(`[${done}/${total}] ${found.has(name) ? withdrawn(result) : line(result)}\n`)
      if (result.outcome === 'faster') found.add(name)
    },
  })
  const faster = results.filter(({ outcome }) => outcome === 'faster').length
  if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
  else process.stdout.write(`${faster} of ${results.length} products are faster by a plan; kept in ${tuningFile()}\n`)
  return 0
}

/** Our kernels against NVIDIA's libraries. */
async function tuneDevice(
  products: readonly string[],
  options: Readonly<Record<string, unknown>>,
  json: boolean,
): Promise<number> {
  if (options['threads'] !== undefined) throw new UsageError("tune: --threads is for the CPU's products")
  const precision = options['precision'] as MatmulPrecision | undefined
  if (precision !== undefined && precision !== 'ieee' && precision !== 'tf32')
    throw new UsageError(`--precision is ${String(precision)}, expected ieee or tf32`)
  const results = await refusingMistakes(() =>
    tuneCuda(products.length > 0 ? products : undefined, {
      device: String(options['device']),
      ...(precision === undefined ? {} : { precision }),
      ...(options['budget'] === undefined ? {} : { budget: numbers('--budget', options['budget'])[0] as number }),
      onResult: (result, done, total) => process.stderr.write(`[${done}/${total}] ${deviceLine(result)}\n`),
    }),
  )
  const faster = results.filter(({ outcome }) => outcome === 'library').length
  if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
  else
    process.stdout.write(
      `NVIDIA's libraries compute ${faster} of ${results.length} tasks from now on; kept in ${tuningFile()}\n`,
    )
  return 0
}

function deviceLine(result: CudaTuneResult): string {
  const { task, vendor, precision, outcome, own, library, algorithm, algorithms } = result
  const name = `${task}${precision === 'tf32' ? ', tf32' : ''}`.padEnd(40)
  const ours = `${name} ${milliseconds(own)} ms by our kernels`
  if (outcome === 'refused') return `${ours}, ${vendor} does not take it`
  const theirs = `${milliseconds(library)} ms by ${vendor} (algorithm ${algorithm + 1} of ${algorithms})`
  return `${ours}, ${theirs}: ${outcome === 'library' ? vendor : 'our kernels'}`
}

const checked = (products: readonly string[], options: TuneOptions): Promise<TuneResult[]> =>
  refusingMistakes(() => measure(products.length > 0 ? products : undefined, options))

async function refusingMistakes<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof ValueError ? new UsageError(error.message) : error
  }
}

function numbers(option: string, value: unknown): number[] {
  const parts = [value].flat().flatMap((part) => String(part).split(','))
  const found = parts.map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (found.some((n) => !(n > 0)) || (option === '--budget' && found.length > 1)) {
    const expected = option === '--budget' ? 'a number of seconds' : 'numbers such as 1,2'
    throw new UsageError(`${option} is ${String(value)}, expected ${expected}`)
  }
  return found
}

const nameOf = ({ product, threads }: TuneResult): string =>
  `${product}, ${threads} thread${threads === 1 ? '' : 's'}`.padEnd(40)

const withdrawn = (result: TuneResult): string =>
  `${nameOf(result)} ${milliseconds(result.usual)} ms, its plan is not faster in a second comparison`

function line(result: TuneResult): string {
  const { outcome, usual, best, plan, tried } = result
  const name = nameOf(result)
  if (outcome === 'no plan') return `${name} computed without a plan`
  const usually = `${milliseconds(usual)} ms`
  if (plan === null) return `${name} ${usually}, none of ${tried} plans is faster`
  const { source, rows, columns, limit } = plan
  const parts = [
    `panels ${source}`,
    rows && `${rows} rows`,
    columns && `${columns} columns`,
    limit && `${limit} of the threads`,
  ]
  const gain = `${((usual / best - 1) * 100).toFixed(0)} %`
  return `${name} ${usually} -> ${milliseconds(best)} ms (${gain}): ${parts.filter(Boolean).join(', ')}`
}

const milliseconds = (ms: number): string => ms.toPrecision(3)
