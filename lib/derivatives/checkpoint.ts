/**
 * Activation checkpointing: memory for time. Place in the whole: built on saved-tensor hooks; nn and train wrap modules in it.
 *
 * Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"; semantics of torch.utils.checkpoint without reentrance.
 */
import { type AutocastFrame, autocasting, enableGrad, gradMode } from '../autograd/mode.js'
import { withSavedTensorHooks, withSaver } from '../autograd/saved.js'
import { collecting } from '../engine/lifetime.js'
import { AutogradError, ValueError } from '../errors.js'
import { withFrame } from '../ops/autocast.js'
import { isTensor } from '../ops/emit.js'
import { defaultGenerator, type GeneratorState } from '../ops/random.js'
import { show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { KeptResults, withKeeper } from './kept-results.js'

/**
 * `fn(...args)`, of which nothing is saved for backward but the tensors in `args`: backward runs `fn` again to get what its
 * operators need. Gradients also reach tensors that `fn` takes from elsewhere, such as parameters; those must live until
 * backward. Random numbers are the same in both runs. What else `fn` does happens twice.
 *
 * @throws AutogradError in backward when the second run computes something else than the first
 */
export function checkpoint<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): R {
  if (!gradMode.enabled) return fn(...args)
  return segmentOf(fn, args, null, (run) => withKeeper(null, run))
}

export interface SelectiveOptions {
  /**
   * Names of operators whose results are kept and not computed again: 'matmul', 'conv2d', 'scaledDotProductAttention', as errors and
   * profiles call them.
   */
  readonly keep: readonly string[]
}

/**
 * As `checkpoint`, but results of the operators that `keep` names are kept, so that backward need not compute them again: those that cost the
 * most time for their memory, products and attention, while activations, norms and dropout around them are computed again.
 *
 *     const y = selectiveCheckpoint({ keep: ['matmul'] }, (x) => block.call(x), x)
 *
 * @throws ValueError where `keep` names an operator that `fn` does not call; AutogradError in backward when the second run computes something
 *   else than the first, or when a result that was kept has been written to in place
 */
export function selectiveCheckpoint<A extends readonly unknown[], R>(
  options: SelectiveOptions,
  fn: (...args: A) => R,
  ...args: A
): R {
  return keepingCheckpoint(keptBy(options), true, fn, args)
}

/** @throws ValueError unless `keep` is a list of names */
export function keptBy(options: SelectiveOptions): readonly string[] {
  const { keep } = options
  if (!Array.isArray(keep) || keep.length === 0 || !keep.every((name) => typeof name === 'string'))
    throw new ValueError(
      `checkpoint: keep is ${JSON.stringify(keep)}, expected a list of operators' names, such as ['matmul']`,
    )
  return keep
}

/** @param every whether each name must have been of use */
export function keepingCheckpoint<A extends readonly unknown[], R>(
  keep: readonly string[],
  every: boolean,
  fn: (...args: A) => R,
  args: A,
): R {
  if (!gradMode.enabled) return fn(...args)
  const kept = new KeptResults(keep)
  return segmentOf(fn, args, kept, (run) => kept.first(run, every))
}

function segmentOf<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  args: A,
  kept: KeptResults | null,
  first: (run: () => R) => R,
): R {
  const segment = new Segment(fn as (...args: readonly unknown[]) => unknown, args, kept)
  try {
    return withSavedTensorHooks(
      {
        pack: (t) => segment.note(t),
        unpack: (i) => segment.take(i),
        release: (i) => segment.release(i),
      },
      () => first(() => fn(...args)),
    )
  } finally {
    segment.recorded()
  }
}

const COMPLETE = Symbol('complete')

let running = 0

/** Whether a checkpoint runs its function the second time: what the function counts or averages has been there already. */
export const isRecomputing = (): boolean => running > 0

class Segment {
  readonly #fn: (...args: readonly unknown[]) => unknown
  readonly #kept: KeptResults | null
  /** The arguments, tensors (also those in arrays and plain objects) as references of the segment's own. */
  #args: readonly unknown[]
  readonly #held = new Map<Tensor, Tensor>()
  readonly #random: GeneratorState = defaultGenerator.state
  readonly #autocast: AutocastFrame | null = autocasting.frame
  /** Shape and dtype of what the first run saved. */
  readonly #noted: string[] = []
  /** What the second run saved, until it is released. */
  #again: (Tensor | null)[] | null = null
  #released = 0
  #recording = true

  constructor(fn: (...args: readonly unknown[]) => unknown, args: readonly unknown[], kept: KeptResults | null) {
    this.#fn = fn
    this.#kept = kept
    this.#args = args.map((x) => this.#own(x))
  }

  #own(x: unknown): unknown {
    if (isTensor(x)) {
      // One for one: a function may ask whether two arguments are the same.
      const own = this.#held.get(x) ?? x._alias()
      this.#held.set(x, own)
      return own
    }
    if (Array.isArray(x)) return x.map((item) => this.#own(item))
    if (typeof x !== 'object' || x === null || Object.getPrototypeOf(x) !== Object.prototype) return x
    return Object.fromEntries(Object.entries(x).map(([key, item]) => [key, this.#own(item)]))
  }

  note(t: Tensor): number {
    return this.#noted.push(describe(t)) - 1
  }

  recorded(): void {
    this.#recording = false
    this.#close()
  }

  take(i: number): Tensor {
    this.#again ??= this.#run()
    const t = this.#again[i]
    if (!t) throw new AutogradError('checkpoint: a saved tensor was asked for after its release')
    return t
  }

  release(i: number): void {
    this.#released++
    const t = this.#again?.[i]
    if (t) {
      t.dispose()
      ;(this.#again as (Tensor | null)[])[i] = null
    }
    this.#close()
  }

  /** Lets go of the arguments once nothing can ask for them. */
  #close(): void {
    if (this.#recording || this.#released < this.#noted.length) return
    this.#kept?.dispose()
    for (const t of this.#held.values()) t.dispose()
    this.#held.clear()
    this.#args = []
  }

  #second(): unknown {
    const run = () => this.#fn(...this.#args)
    return this.#kept === null ? withKeeper(null, run) : this.#kept.second(run)
  }

  #run(): Tensor[] {
    const expected = this.#noted
    const saved: Tensor[] = []
    const random = defaultGenerator.state
    defaultGenerator.state = this.#random
    const made: Tensor[] = []
    const save = (t: Tensor): Tensor => {
      if (describe(t) !== expected[saved.length]) {
        throw new AutogradError(
          `checkpoint: the second run saved ${describe(t)} where the first saved ${expected[saved.length]}; the function must compute the same again`,
        )
      }
      saved.push(t._share())
      if (saved.length === expected.length) throw COMPLETE
      // The second run's own graph is never used: a handle of nothing.
      return new Tensor(t._stream, 0, t.dtype, t.shape, null)
    }
    running++
    try {
      collecting(made, () => withFrame(this.#autocast, () => enableGrad(() => withSaver(save, () => this.#second()))))
      throw new AutogradError(
        `checkpoint: the second run saved ${saved.length} tensors, the first ${expected.length}; the function must compute the same again`,
      )
    } catch (error) {
      if (error === COMPLETE) return saved
      for (const t of saved) t.dispose()
      throw error
    } finally {
      running--
      for (const t of made) t.dispose()
      defaultGenerator.state = random
    }
  }
}

const describe = (t: Tensor): string => `a ${t.dtype} tensor ${show(t.shape)}`
