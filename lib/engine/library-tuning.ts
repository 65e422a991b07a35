/**
 * What NVIDIA's libraries compute on a CUDA device, measured by `tuneCuda`: matrix products by cuBLASLt, convolutions and attention by
 * cuDNN. Place in the whole: one section of the tuning file, read when a process opens the device and handed to native code
 * (cuda/vendor/choices.h), where all threads of the process use it.
 *
 * An entry holds for a device of that name, under that version of its driver and of the library, and for that precision of f32.
 */
import { loadNative } from '../native/load.js'
import type { MatmulPrecision } from './cuda.js'
import { fileWanted, isWhole } from './product-tuning.js'
import { readTuning, writeTuning } from './tuning-cache.js'
import { formatTask, KEY_WORDS, keyOf, parseTask, type VendorTask } from './vendor-task.js'

/** What a task was measured on. */
export interface Setting {
  readonly device: string
  /** As `cuda.properties()` has it. */
  readonly driver: number
  readonly library: string
  readonly precision: MatmulPrecision
}

export interface Choice extends Setting {
  readonly task: VendorTask
  /** The library's algorithm, as it orders them; -1: kernels of our own. */
  readonly algorithm: number
}

export const SECTION = 'cuda libraries'
/** Of a file: more are a mistake. */
const MOST_CHOICES = 10_000
/** Algorithms that native code tells apart. */
export const ALGORITHMS = 8
/** As native code counts libraries. */
const LIBRARIES = { cuBLASLt: 0, cuDNN: 2 } as const
export type TaskLibrary = keyof typeof LIBRARIES

/** The library that may compute a task. */
export const libraryOf = ({ kind }: VendorTask): TaskLibrary => (kind === 'product' ? 'cuBLASLt' : 'cuDNN')

function taskOf(text: string): VendorTask | undefined {
  try {
    return parseTask(text)
  } catch {
    return undefined
  }
}

/** The choices of a section; what is none is left out. */
export function readChoices(section: unknown): Choice[] {
  if (!Array.isArray(section)) return []
  return section.slice(0, MOST_CHOICES).flatMap((entry) => {
    const { device, driver, library, precision, task: text, algorithm } = (entry ?? {}) as Record<string, unknown>
    const task = typeof text === 'string' ? taskOf(text) : undefined
    if (typeof device !== 'string' || typeof library !== 'string' || !isWhole(driver, 0, 2 ** 31)) return []
    if (precision !== 'ieee' && precision !== 'tf32') return []
    if (task === undefined || (task.kind === 'product' && task.product.packed)) return []
    if (algorithm !== -1 && !isWhole(algorithm, 0, ALGORITHMS - 1)) return []
    return [{ device, driver, library, precision, task, algorithm: algorithm as number }]
  })
}

const written = (choice: Choice): object => ({ ...choice, task: formatTask(choice.task) })

export const sameChoice = (a: Choice, b: Omit<Choice, 'algorithm'>): boolean =>
  a.device === b.device &&
  a.driver === b.driver &&
  a.library === b.library &&
  a.precision === b.precision &&
  formatTask(a.task) === formatTask(b.task)

/** The file's choices, of all devices. */
export const savedChoices = (): Choice[] => readChoices(readTuning(SECTION))

/**
 * Puts a choice into the file, in place of what it says of that task.
 * @throws SinterError SINTER_CACHE when it cannot be written
 */
export function saveChoice(choice: Choice): void {
  writeTuning(SECTION, [...savedChoices().filter((c) => !sameChoice(c, choice)), choice].map(written))
}

/** Takes all choices out of the file and out of use, and returns how many the file had. */
export function clearChoices(): number {
  const { length } = savedChoices()
  if (readTuning(SECTION) !== undefined) writeTuning(SECTION, undefined)
  const native = loadNative()
  for (let i = 0; i < native.probeCuda().devices; i++) if (native.cudaVendorChoices(i) > 0) useChoices(i, [])
  return length
}

/** Hands a device's choices to native code, for all threads of the process, in place of those before. */
export function useChoices(ordinal: number, choices: readonly Choice[]): void {
  const words = choices.flatMap(({ task, precision, algorithm }) => [...keyOf(task, precision), algorithm])
  loadNative().cudaSetVendorChoices(ordinal, Float64Array.from(words))
}

/** A task that the device has computed while it was watched. */
export interface WatchedTask {
  readonly device: number
  /** As `keyOf` has it. */
  readonly key: readonly number[]
  /** The library's algorithm that computed it; -1: kernels of our own. */
  readonly by: number
  /** Of the library, which it named. */
  readonly algorithms: number
  /** Milliseconds on the device; NaN: not known. */
  readonly time: number
}

/** The tasks since the last call, which it waits for. */
export function takeWatched(): WatchedTask[] {
  const words = loadNative().cudaTakeVendor()
  const length = 1 + KEY_WORDS + 3
  return Array.from({ length: words.length / length }, (_, i) => {
    const [device, ...row] = words.slice(i * length, (i + 1) * length) as [number, ...number[]]
    const [by, algorithms, time] = row.slice(KEY_WORDS) as [number, number, number]
    return { device, key: row.slice(0, KEY_WORDS), by, algorithms, time: time < 0 ? Number.NaN : time }
  })
}

/** A library that computes tasks, or why it is not here. Opens it. */
export function taskLibrary(library: TaskLibrary): { version: string; missing: string } {
  const { version, missing } = loadNative().cudaLibrary(LIBRARIES[library]) as { version: string; missing: string }
  return { version: version && `${library} ${version}`, missing }
}

/** The choices of these that hold for a device as it is now; libraries are opened where any could. */
export function choicesFor(ordinal: number, all: readonly Choice[]): Choice[] {
  if (all.length === 0) return []
  const { name, driver } = loadNative().cudaDevice(ordinal)
  const versions = new Map<TaskLibrary, string>()
  const versionOf = (library: TaskLibrary): string => {
    const version = versions.get(library) ?? taskLibrary(library).version
    versions.set(library, version)
    return version
  }
  return all.filter((c) => c.device === name && c.driver === driver && c.library === versionOf(libraryOf(c.task)))
}

/** Brings the file's choices for a device into use, once a process: its other threads find them there. */
export function loadChoices(ordinal: number): void {
  if (!fileWanted() || loadNative().cudaVendorChoices(ordinal) >= 0) return
  useChoices(ordinal, choicesFor(ordinal, savedChoices()))
}
