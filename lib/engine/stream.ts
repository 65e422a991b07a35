/**
 * The command stream's JavaScript end. Place in the whole: operators append command words here and native code executes
 * them in order. A tensor is an id: slot number and generation. This file owns the ids; native slots follow its commands.
 */

import { SinterError } from '../errors.js'
import { loadNative } from '../native/load.js'
import type { Native } from '../native/types.js'
import { BYTES, DTYPES, type DType } from '../tensor/dtype.js'
import { numelOf } from '../tensor/shape.js'
import { debug } from './debug.js'
import { device as nameOf, ordinalOf } from './device.js'
import { typed } from './execution-error.js'
import { loadKernels } from './kernels.js'
import { loadChoices } from './library-tuning.js'
import { loadProducts } from './product-tuning.js'
import { profiling } from './profiling.js'

/** Words a buffer holds. A command is submitted with the batch it is in, so one command must fit. */
const CAPACITY = 1 << 15
/** A batch is submitted when its estimated run time reaches this: native code runs up to twice as much at once. */
const FLUSH_NS = 10_000
/** Fixed cost of one command in native code: decoding, allocation, dispatch. */
const COMMAND_NS = 80

const SLOT_BITS = 22
const SLOT_MASK = (1 << SLOT_BITS) - 1
const GENERATIONS = 511

const VIEW = 1
const RELEASE = 2
const BIND = 3
const MARK = 4
const SKIP = 5
const LESS = 6
const GRAPH_COMMAND = 7
/** What a graph's command asks for: native/engine/recorded.h. */
export const GRAPH = { record: 0, end: 1, launch: 2, drop: 3 } as const

export type StreamMode = 'auto' | 'inline' | 'async'
const MODES: readonly StreamMode[] = ['auto', 'inline', 'async']

function modeFromEnvironment(): StreamMode {
  const mode = process.env['SINTER_STREAM']
  if (!mode) return 'auto'
  if (!(MODES as readonly string[]).includes(mode)) {
    throw new SinterError('SINTER_VALUE', `SINTER_STREAM=${mode} is not one of ${MODES.join(', ')}`)
  }
  return mode as StreamMode
}

interface Site {
  stack: string
  bytes: number
}

export class Stream {
  readonly device: string
  readonly mode: StreamMode
  /** Counts in-place writes by slot, so that backward notices a saved operand that changed. */
  versions: Uint32Array = new Uint32Array(1024)
  readonly #native: Native
  readonly #index: number
  readonly #words = new Float64Array(CAPACITY)
  #n = 0
  #commands = 0
  #cost = 0
  #bytes = 0
  #scheduled = false
  /** 1 until the first commands of a JavaScript job have been handed over. */
  #newTurn = 1
  #turning = false
  readonly #turnOver = (): void => {
    this.#turning = false
    this.#native.turnOver(this.#index)
  }
  readonly #flushLater = (): void => {
    this.#scheduled = false
    this.flush()
    this.#newTurn = 1
  }

  // Ids. Slots are reused first-in first-out and never with generation 0, so a stale id is one compare away from an error.
  #references = new Int32Array(1024)
  #generations = new Uint16Array(1024)
  #free = new Int32Array(1024)
  #freeHead = 0
  #freeCount = 0
  #slots = 1 // slot 0 is never used: id 0 means absent or disposed
  #live = 0
  #graphs = 0
  /** In debug mode: where each live tensor was made, and its bytes. */
  #sites: Map<number, Site> | undefined

  constructor(device: string) {
    this.device = device
    this.mode = modeFromEnvironment()
    this.#native = loadNative()
    this.#index = this.#native.openStream(device, MODES.indexOf(this.mode), this.#words)
    if (debug.sites || debug.leaks) this.#sites = new Map()
  }

  /** Tensors that have not been released. */
  get live(): number {
    return this.#live
  }

  // ---- ids

  /** A new id with one reference. */
  newId(): number {
    let slot: number
    if (this.#freeCount > 0) {
      slot = this.#free[this.#freeHead] as number
      this.#freeHead = (this.#freeHead + 1) & (this.#free.length - 1)
      this.#freeCount--
    } else {
      slot = this.#slots++
      if (slot > SLOT_MASK) {
        this.#slots--
        throw new SinterError(
          'SINTER_TOO_MANY_TENSORS',
          `more than ${SLOT_MASK} live tensors: free some with scope() or dispose()`,
        )
      }
      if (slot >= this.#references.length) this.#grow()
    }
    const generation = ((this.#generations[slot] as number) % GENERATIONS) + 1
    this.#generations[slot] = generation
    this.#references[slot] = 1
    this.#live++
    return (generation << SLOT_BITS) | slot
  }

  #grow(): void {
    const n = this.#references.length * 2
    const bigger = <T extends Int32Array | Uint16Array | Uint32Array>(old: T, fresh: T): T => {
      fresh.set(old)
      return fresh
    }
    this.#references = bigger(this.#references, new Int32Array(n))
    this.#generations = bigger(this.#generations, new Uint16Array(n))
    this.versions = bigger(this.versions, new Uint32Array(n))
    const ring = new Int32Array(n)
    for (let i = 0; i < this.#freeCount; i++) {
      ring[i] = this.#free[(this.#freeHead + i) & (this.#free.length - 1)] as number
    }
    this.#free = ring
    this.#freeHead = 0
  }

  retain(id: number): void {
    const slot = id & SLOT_MASK
    this.#references[slot] = (this.#references[slot] as number) + 1
  }

  references(id: number): number {
    return this.#references[id & SLOT_MASK] as number
  }

  /** Drops a reference; the last one releases the tensor when the commands before have run. */
  release(id: number): void {
    const slot = id & SLOT_MASK
    const left = (this.#references[slot] as number) - 1
    this.#references[slot] = left
    if (left > 0) return
    this.#live--
    const words = this.#words
    let n = this.#reserve(3)
    words[n++] = RELEASE
    words[n++] = 1
    words[n++] = id
    this.#n = n
    this.#free[(this.#freeHead + this.#freeCount) & (this.#free.length - 1)] = slot
    this.#freeCount++
    this.#sites?.delete(id)
  }

  version(id: number): number {
    return this.versions[id & SLOT_MASK] as number
  }

  /** Notes an in-place write. */
  touch(id: number): void {
    const slot = id & SLOT_MASK
    this.versions[slot] = (this.versions[slot] as number) + 1
  }

  // ---- commands

  /** Room for `size` words; returns the position of the first. */
  #reserve(size: number): number {
    if (this.#n + size > CAPACITY) {
      this.flush()
      if (size > CAPACITY) throw new SinterError('SINTER_INTERNAL', `a command of ${size} words exceeds the buffer`)
    }
    if (!this.#scheduled) {
      this.#scheduled = true
      queueMicrotask(this.#flushLater)
    }
    return this.#n
  }

  /**
   * One operator with one result. The hot path: called for every eager operator, so arguments are plain and nothing is
   * allocated. Absent operands are 0; `attributes` may be shared.
   */
  emit(
    op: number,
    out: number,
    dtype: number,
    shape: readonly number[],
    a: number,
    b: number,
    nIn: number,
    attributes: readonly number[],
    cost: number,
    bytes: number,
  ): void {
    const words = this.#words
    const rank = shape.length
    const nAttr = attributes.length
    let n = this.#reserve(9 + rank + nAttr)
    words[n++] = op
    words[n++] = 1
    words[n++] = nIn
    words[n++] = nAttr
    words[n++] = out
    words[n++] = dtype
    words[n++] = rank
    for (let i = 0; i < rank; i++) words[n++] = shape[i] as number
    if (nIn > 0) words[n++] = a
    if (nIn > 1) words[n++] = b
    for (let i = 0; i < nAttr; i++) words[n++] = attributes[i] as number
    this.#n = n
    this.#account(out, cost, bytes)
  }

  /** Any operator: results as [id, dtype, shape] triples, operands as ids. */
  emitMany(
    op: number,
    outs: readonly { id: number; dtype: number; shape: readonly number[] }[],
    ins: readonly number[],
    attributes: readonly number[],
    cost: number,
    bytes: number,
  ): void {
    let size = 4 + ins.length + attributes.length
    for (const o of outs) size += 3 + o.shape.length
    const words = this.#words
    let n = this.#reserve(size)
    words[n++] = op
    words[n++] = outs.length
    words[n++] = ins.length
    words[n++] = attributes.length
    for (const o of outs) {
      words[n++] = o.id
      words[n++] = o.dtype
      words[n++] = o.shape.length
      for (const d of o.shape) words[n++] = d
    }
    for (const id of ins) words[n++] = id
    for (const x of attributes) words[n++] = x
    this.#n = n
    this.#account(outs[0]?.id ?? ins[0] ?? 0, cost, bytes)
    if (this.#sites) for (let i = 1; i < outs.length; i++) this.#note((outs[i] as { id: number }).id, 0)
  }

  /** `id` becomes a view of `source`'s storage; offset (in elements of `dtype`) counts from the source's first element. */
  emitView(
    id: number,
    source: number,
    dtype: number,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ): void {
    const rank = shape.length
    const words = this.#words
    let n = this.#reserve(7 + 2 * rank)
    words[n++] = VIEW
    words[n++] = 5 + 2 * rank
    words[n++] = id
    words[n++] = source
    words[n++] = dtype
    words[n++] = offset
    words[n++] = rank
    for (let i = 0; i < rank; i++) words[n++] = shape[i] as number
    for (let i = 0; i < rank; i++) words[n++] = strides[i] as number
    this.#n = n
    if (this.#sites) this.#note(id, 0)
  }

  /** `id` takes over one reference of a storage that native code handed out. */
  emitBind(id: number, storage: number, dtype: number, byteOffset: number, shape: readonly number[]): void {
    const words = this.#words
    let n = this.#reserve(7 + shape.length)
    words[n++] = BIND
    words[n++] = 5 + shape.length
    words[n++] = id
    words[n++] = dtype
    words[n++] = storage
    words[n++] = byteOffset
    words[n++] = shape.length
    for (const d of shape) words[n++] = d
    this.#n = n
    if (this.#sites) this.#note(id, numelOf(shape) * BYTES[DTYPES[dtype] as DType])
  }

  /** A mark of the profiler's, in stream order: see native/engine/profile.h. */
  emitMark(kind: number, value: number): void {
    const words = this.#words
    let n = this.#reserve(4)
    words[n++] = MARK
    words[n++] = 2
    words[n++] = kind
    words[n++] = value
    this.#n = n
  }

  /** Until `emitSkip(0)`, commands without results do not run if this tensor, one f32, is not zero. */
  emitSkip(flag: number): void {
    const words = this.#words
    let n = this.#reserve(3)
    words[n++] = SKIP
    words[n++] = 1
    words[n++] = flag
    this.#n = n
  }

  /** Attribute `index` of the next command is less by what this tensor, one f32, holds when the command runs. */
  emitLess(id: number, index: number): void {
    const words = this.#words
    let n = this.#reserve(4)
    words[n++] = LESS
    words[n++] = 2
    words[n++] = id
    words[n++] = index
    this.#n = n
  }

  /** A number for a graph. */
  newGraph(): number {
    return ++this.#graphs
  }

  /** From `record` to `end` commands become the graph's instead of running. `launch` has three numbers: see native/engine/recorded.h. */
  emitGraph(kind: number, graph: number, numbers: readonly number[] = []): void {
    const words = this.#words
    let n = this.#reserve(4 + numbers.length)
    words[n++] = GRAPH_COMMAND
    words[n++] = 2 + numbers.length
    words[n++] = kind
    words[n++] = graph
    for (const x of numbers) words[n++] = x
    this.#n = n
  }

  /** Waits until everything has run; the rows that the profiler's marks asked for. */
  takeProfile(): Float64Array {
    this.flush()
    return this.#native.takeProfile(this.#index)
  }

  #account(out: number, cost: number, bytes: number): void {
    this.#commands++
    this.#bytes += bytes
    if (this.#sites) this.#note(out, bytes)
    if ((this.#cost += cost + COMMAND_NS) >= FLUSH_NS) this.flush()
  }

  #note(id: number, bytes: number): void {
    // A write in place has no bytes of its own.
    const before = this.#sites?.get(id)
    this.#sites?.set(id, { stack: new Error().stack ?? '', bytes: bytes || (before?.bytes ?? 0) })
  }

  /** In debug mode: where the live tensors were made. */
  sites(): Iterable<Site> {
    return this.#sites?.values() ?? []
  }

  /** Hands the collected commands over. */
  flush(): void {
    const n = this.#n
    if (n === 0) return
    const cost = this.#cost
    const commands = this.#commands
    const bytes = this.#bytes
    this.#n = 0
    this.#cost = 0
    this.#commands = 0
    this.#bytes = 0
    if (this.#native.submit(this.#index, n, cost, commands, bytes, this.#newTurn) === 1) this.#turn()
    this.#newTurn = 0
  }

  // The executor computes and this thread has work of its own: it has a core of the pool's until the event loop comes to wait, which
  // is behind everything that runs now.
  #turn(): void {
    if (this.#turning) return
    this.#turning = true
    setImmediate(this.#turnOver)
  }

  async #settled(pending: Promise<void> | undefined): Promise<void> {
    if (!pending) return
    try {
      await pending
    } finally {
      this.#turn()
    }
  }

  // ---- read-back

  /** Copies a tensor's elements, cast to dtype, into `target`. Rejects with what poisons the tensor. */
  async read(id: number, dtype: number, target: ArrayBufferView): Promise<void> {
    try {
      this.flush()
      await this.#settled(this.#native.read(this.#index, id, dtype, target, target.byteLength <= 1 << 16 ? 1 : 0))
    } catch (error) {
      throw this.#typed(error)
    }
  }

  readSync(id: number, dtype: number, target: ArrayBufferView): void {
    try {
      this.flush()
      this.#native.readSync(this.#index, id, dtype, target)
    } catch (error) {
      throw this.#typed(error)
    }
  }

  /** Resolves when everything submitted so far has run; rejects with the first error that no read has reported. */
  async sync(): Promise<void> {
    try {
      this.flush()
      await this.#settled(this.#native.sync(this.#index))
    } catch (error) {
      throw this.#typed(error)
    }
  }

  syncSync(): void {
    try {
      this.flush()
      this.#native.syncSync(this.#index)
    } catch (error) {
      throw this.#typed(error)
    }
  }

  /** Publishes a contiguous tensor under a key once it is computed. */
  async share(id: number, key: string): Promise<void> {
    try {
      this.flush()
      await this.#settled(this.#native.share(this.#index, id, key))
    } catch (error) {
      throw this.#typed(error)
    }
  }

  /** Resolves when everything submitted so far has run; reports nothing. */
  async fence(): Promise<void> {
    this.flush()
    await this.#settled(this.#native.fence(this.#index))
  }

  #typed(error: unknown): unknown {
    return typed(error, this.device, (id) => this.#sites?.get(id)?.stack)
  }
}

const streams = new Map<string, Stream>()

/** The stream that stands for a device while a function is traced (lib/fusion). */
export const recording: { stream: Stream | null } = { stream: null }

/** The stream of a device; opened on first use. */
export function streamOf(device: string): Stream {
  // The other name of an open device is known here: asking for it would be a native call for every tensor made.
  const open = streams.get(device === 'cuda' ? 'cuda:0' : device)
  if (open) return open
  if (recording.stream !== null && recording.stream.device === device) return recording.stream
  const name = nameOf(device)
  if (name === 'cpu') loadProducts()
  const ordinal = ordinalOf(name)
  if (ordinal !== undefined) {
    loadKernels(ordinal)
    loadChoices(ordinal)
  }
  const stream = new Stream(name)
  streams.set(name, stream)
  profiling.session?.opened(stream)
  return stream
}

/** Streams opened so far. */
export const openStreams = (): readonly Stream[] => [...streams.values()]
