/**
 * A function's commands, recorded once and done again without JavaScript: CUDA graphs. Place in the whole: what users call; the engine's
 * stream has commands for it (native/engine/recorded.h), and what counts on the host learns of it from lib/engine/graphing.ts.
 */
import { device as fullName, ordinalOf } from '../engine/device.js'
import { graphing } from '../engine/graphing.js'
import { scope } from '../engine/lifetime.js'
import { profiling } from '../engine/profiling.js'
import { GRAPH, type Stream, streamOf } from '../engine/stream.js'
import { ValueError } from '../errors.js'
import { defaultGenerator, type GeneratorState } from '../ops/random.js'

export interface CudaGraphOptions {
  /** A CUDA device; default 'cuda'. */
  device?: string
}

interface Made {
  readonly stream: Stream
  readonly id: number
}

/** Graphs whose objects were collected are given back as by `dispose`. */
const collected = new FinalizationRegistry<Made>(({ stream, id }) => stream.emitGraph(GRAPH.drop, id))

export class CudaGraph<R> {
  /** What the function returned when it was recorded. Its tensors have values after the first `replay`, and new ones after each. */
  readonly result: R
  readonly #stream: Stream
  #id: number
  readonly #from: GeneratorState
  readonly #draws: number

  /** @internal */
  constructor(stream: Stream, id: number, result: R, from: GeneratorState, draws: number) {
    this.#stream = stream
    this.#id = id
    this.result = result
    this.#from = from
    this.#draws = draws
    collected.register(this, { stream, id }, this)
  }

  /**
   * Does everything that was recorded once more, as the device comes to it, and returns `result`. Random numbers are those that the
   * function would draw now from the default generator.
   *
   * @throws ValueError after `dispose`
   */
  replay(): R {
    if (this.#id === 0) throw new ValueError('CudaGraph.replay: the graph has been disposed of')
    const { seed, offset } = defaultGenerator.state
    const [low, high] = [seed % 2 ** 32, Math.floor(seed / 2 ** 32)]
    this.#stream.emitGraph(GRAPH.launch, this.#id, [low, high, offset - this.#from.offset])
    defaultGenerator.state = { seed, offset: offset + this.#draws }
    return this.result
  }

  /** Gives back the graph and its memory, once the device is done with it. Tensors of `result` keep their last values. */
  dispose(): void {
    if (this.#id === 0) return
    collected.unregister(this)
    this.#stream.emitGraph(GRAPH.drop, this.#id)
    this.#id = 0
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

/**
 * Runs `fn`, runs it again while its commands are recorded instead of done, and resolves to a graph that does them as often as wanted: a
 * training step, or a model's answer, whose many short kernels a device finishes faster than JavaScript asks for them. One launch takes
 * the place of all of them. As `torch.cuda.graph`, with the first run made here.
 *
 *     const graph = await cudaGraph(() => {
 *       const loss = crossEntropy(model.call(x), y)
 *       loss.backward()
 *       optimizer.step()
 *       optimizer.zeroGrad()
 *       return loss
 *     })
 *     for (const batch of loader) {
 *       x.copy_(batch.x)                    // what the function reads is written in place
 *       y.copy_(batch.y)
 *       const loss = graph.replay()
 *     }
 *
 * What is recorded is commands with their numbers: shapes, branches that JavaScript took, learning rates. Counts of optimizer steps and
 * random numbers of the default generator go on from launch to launch. Memory that the function takes stays the graph's until `dispose`;
 * tensors from outside are kept as long. An index out of range, and other errors that kernels find, poison for good what depends on them.
 *
 * @throws ValueError for a device that has no graphs, inside another one or `profile`, when `fn` returns a promise; what `fn` throws, say as
 *   it reads a value (`item`, shapes that depend on data), draws from a generator of its own, or takes the first step of an optimizer
 *   whose parameters had no gradient in the first run
 */
export async function cudaGraph<R>(fn: () => R, options: CudaGraphOptions = {}): Promise<CudaGraph<R>> {
  const device = fullName(options.device ?? 'cuda')
  if (ordinalOf(device) === undefined) throw new ValueError(`cudaGraph: '${device}' has no graphs, CUDA devices have`)
  const stream = streamOf(device)
  during('run', device, () =>
    scope(() => {
      fn()
    }),
  )
  await stream.sync()
  const from = defaultGenerator.state
  const id = stream.newGraph()
  try {
    const { result, draws } = record(stream, id, fn, from)
    await stream.sync()
    return new CudaGraph(stream, id, result, from, draws)
  } catch (error) {
    stream.emitGraph(GRAPH.drop, id)
    throw error
  }
}

/** What the function returns, and how many numbers it draws: none of them has been drawn, as nothing of it runs. */
function record<R>(stream: Stream, id: number, fn: () => R, from: GeneratorState): { result: R; draws: number } {
  stream.emitGraph(GRAPH.record, id)
  try {
    const result = during('record', stream.device, () => scope(fn))
    stream.emitGraph(GRAPH.end, id)
    const { seed, offset } = defaultGenerator.state
    if (seed !== from.seed) throw new ValueError('cudaGraph: the function seeds the default generator')
    return { result, draws: offset - from.offset }
  } finally {
    defaultGenerator.state = from
  }
}

function during<T>(phase: 'run' | 'record', device: string, fn: () => T): T {
  if (graphing.phase !== 'none') throw new ValueError('cudaGraph: inside another cudaGraph')
  if (profiling.session) throw new ValueError('cudaGraph: inside profile, which waits for every command')
  graphing.phase = phase
  graphing.device = device
  try {
    return fn()
  } finally {
    graphing.phase = 'none'
  }
}
