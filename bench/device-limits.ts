/**
 * A CUDA device's limits, from what it is. Place in the whole: main.ts takes them in place of the measured ones of the CPU (peak.ts).
 *
 * Arithmetic is multiprocessors x clock x operations a cycle (CUDA C++ Programming Guide, "Arithmetic Instructions"; tensor cores, dense, with
 * sums in f32, from the data sheets: A100 312 TFLOP/s in bf16, H100 SXM 989, B200 2250, RTX 3090 71, RTX 4090 165, RTX 5090 209), bandwidth
 * the memory's clock x twice its bus. A card that runs below its highest clock is held against more than it can do.
 */
import type { CudaDevice } from '#lib/native/types.js'
import type { Case } from './case.js'
import type { Limits } from './peak.js'
import type { Roof } from './plot.js'
import { type Binding, startOurs } from './sides.js'
import { boundOf } from './verdict.js'

/** Floating-point operations (a multiply-add is two) a cycle and multiprocessor, by compute capability. */
const OPERATIONS: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  80: { f32: 128, f64: 128, bf16: 2048, f16: 2048, i8: 4096 },
  86: { f32: 256, f64: 4, bf16: 512, f16: 512, i8: 2048 },
  89: { f32: 256, f64: 4, bf16: 512, f16: 512, i8: 2048 },
  90: { f32: 256, f64: 256, bf16: 4096, f16: 4096, i8: 8192 },
  100: { f32: 256, f64: 128, bf16: 8192, f16: 8192, i8: 16384 },
  120: { f32: 256, f64: 4, bf16: 512, f16: 512, i8: 2048 },
}

/** GFLOP/s in a dtype, of the newest kind of card that is not newer than this one. */
export function arithmeticOf(device: CudaDevice, dtype: string): number {
  const capability = device.major * 10 + device.minor
  const known = Object.keys(OPERATIONS).map(Number)
  const kind = Math.max(...known.filter((k) => k <= capability), Math.min(...known))
  const operations = OPERATIONS[kind] as Readonly<Record<string, number>>
  return (device.multiprocessors * device.clock * (operations[dtype] ?? (operations['f32'] as number))) / 1e9
}

/** GB/s to and from its memory. */
export const bandwidthOf = (device: CudaDevice): number => (2 * device.memoryClock * device.memoryBus) / 8 / 1e9

/** Cards whose bounds are written down (docs/gpu-day.md), by their data sheets. */
const CARDS: Readonly<Record<string, CudaDevice>> = {
  A100: card('A100 SXM 80 GB', 8, 0, { multiprocessors: 108, clock: 1.41e9, memoryClock: 1.593e9, memoryBus: 5120 }),
  H100: card('H100 SXM', 9, 0, { multiprocessors: 132, clock: 1.83e9, memoryClock: 2.619e9, memoryBus: 5120 }),
}

type Rates = Pick<CudaDevice, 'multiprocessors' | 'clock' | 'memoryClock' | 'memoryBus'>

function card(name: string, major: number, minor: number, rates: Rates): CudaDevice {
  return { name, major, minor, ...rates, memory: 0, l2: 0, sharedPerBlock: 0, driver: 0 }
}

/** What each case moves and computes, and the shortest time that the cards could take for it, as a Markdown table. */
export function boundsTable(cases: readonly Case[]): string {
  const cards = Object.entries(CARDS)
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const milliseconds = (c: Case, device: CudaDevice): string => {
    const bound = boundOf(c, arithmeticOf(device, c.dtype), bandwidthOf(device))
    return bound === null ? '' : `${(bound.ms * 1e3).toPrecision(3)} ${bound.by === 'memory' ? 'B' : 'F'}`
  }
  const head = ['case', 'GFLOP', 'MB', ...cards.map(([name]) => `${name}, us`)]
  const body = cases
    .filter((c) => c.flops !== undefined || c.bytes !== undefined)
    .map((c) =>
      row([
        c.name,
        c.flops === undefined ? '' : (c.flops / 1e9).toPrecision(3),
        c.bytes === undefined ? '' : (c.bytes / 1e6).toPrecision(3),
        ...cards.map(([, device]) => milliseconds(c, device)),
      ]),
    )
  return [row(head), row(head.map(() => '---')), ...body].join('\n')
}

export class DeviceLimits implements Limits {
  readonly #device: CudaDevice

  private constructor(device: CudaDevice) {
    this.#device = device
  }

  /** Asks a process of its own: this one opens no device. */
  static async of(binding: Binding): Promise<DeviceLimits> {
    const worker = startOurs(binding)
    try {
      return new DeviceLimits((await worker.ask({ cmd: 'device' })) as unknown as CudaDevice)
    } finally {
      worker.close()
    }
  }

  get name(): string {
    const { name, major, minor, driver } = this.#device
    return `${name} (compute capability ${major}.${minor}, driver of CUDA ${Math.floor(driver / 1000)}.${(driver % 1000) / 10})`
  }

  arithmetic(dtype: string): Promise<number> {
    return Promise.resolve(arithmeticOf(this.#device, dtype))
  }

  loopOf(dtype: string): string {
    return dtype === 'f16' ? 'bf16' : dtype
  }

  bandwidth(): Promise<number> {
    return Promise.resolve(bandwidthOf(this.#device))
  }

  reading(): Promise<number> {
    return this.bandwidth()
  }

  async levels(): Promise<Roof[]> {
    return [{ label: 'memory', rate: await this.bandwidth() }]
  }

  close(): void {}
}
