/**
 * Who frees a tensor. Place in the whole: every tensor that an operator makes is adopted here: by the innermost open scope, or,
 * outside any, by a net of weak references that native code polls (by bytes and by count).
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { ValueError } from '../errors.js'
import type { Tensor } from '../tensor/tensor.js'
import { trackLoose } from './net.js'

/** Objects whose fields may hold tensors that outlive a scope: modules. */
export interface TensorOwner {
  ownedTensors(): Iterable<Tensor>
}

class Frame {
  tensors: Tensor[] = []
  owners: Set<TensorOwner> | undefined
}

let current: Frame | null = null
let asyncFrames: AsyncLocalStorage<Frame> | null = null
let asyncScopes = 0

const openFrame = (): Frame | null => current ?? (asyncFrames ? (asyncFrames.getStore() ?? null) : null)

/** Hands a new tensor to the innermost scope, or to the net. */
export function adopt(t: Tensor): void {
  if (current !== null) {
    current.tensors.push(t)
    return
  }
  const frame = asyncFrames?.getStore()
  if (frame) frame.tensors.push(t)
  else trackLoose(t)
}

/** A module that runs or is built inside the open scope: tensors in its fields survive the scope. */
export function noteOwner(owner: TensorOwner): void {
  const frame = openFrame()
  if (frame) (frame.owners ??= new Set()).add(owner)
}

// ---- scopes

/** Calls `f` for every tensor in `value`: arrays, plain objects, Maps and Sets are searched, owners are asked. */
export function visitTensors(value: unknown, f: (t: Tensor) => void, seen: Set<object> = new Set()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  if (typeof (value as Tensor)._ownBytes === 'function') f(value as Tensor)
  else if (typeof (value as TensorOwner).ownedTensors === 'function')
    for (const t of (value as TensorOwner).ownedTensors()) f(t)
  else if (Array.isArray(value)) for (const v of value) visitTensors(v, f, seen)
  else if (value instanceof Map || value instanceof Set) for (const v of value.values()) visitTensors(v, f, seen)
  else if (Object.getPrototypeOf(value) === Object.prototype)
    for (const v of Object.values(value)) visitTensors(v, f, seen)
}

/** Closes a frame: what `result` or an owner reaches moves to `parent`, or under the net; the rest is freed. */
function close(frame: Frame, parent: Frame | null, result: unknown): void {
  if (typeof result === 'object' && result !== null) {
    visitTensors(result, (t) => {
      t._kept = true
    })
  }
  if (frame.owners) {
    for (const owner of frame.owners) {
      for (const t of owner.ownedTensors()) t._kept = true
      if (parent) (parent.owners ??= new Set()).add(owner)
    }
  }
  for (const t of frame.tensors) {
    if (t._id === 0) continue
    if (!t._kept) {
      t.dispose()
      continue
    }
    t._kept = false
    if (parent) parent.tensors.push(t)
    else trackLoose(t)
  }
  frame.tensors = []
  frame.owners = undefined
}

/**
 * Runs `fn` and frees every tensor made inside, except those in what it returns (searched in arrays, plain objects, Maps and
 * Sets), those given to `keep`, parameters, and tensors in fields of modules that ran inside.
 *
 * @throws ValueError when `fn` returns a promise: use `asyncScope`, or an explicit `new Scope()`.
 */
export function scope<T>(fn: () => T): T {
  const parent = openFrame()
  const outer = current
  const frame = new Frame()
  current = frame
  let result: T | undefined
  try {
    result = fn()
    if (typeof (result as { then?: unknown } | undefined)?.then === 'function') {
      throw new ValueError(
        'scope: the function returned a promise; a scope ends with its function, so use asyncScope(fn) or new Scope()',
      )
    }
    return result
  } finally {
    current = outer
    close(frame, parent, result)
  }
}

/**
 * A scope over an async function: what is made anywhere in its async context is freed when its promise settles. While one is
 * open every `await` of the process costs more (AsyncLocalStorage), so hot loops use `Scope` objects.
 */
export async function asyncScope<T>(fn: () => Promise<T>): Promise<T> {
  const parent = openFrame()
  const frame = new Frame()
  asyncFrames ??= new AsyncLocalStorage<Frame>()
  asyncScopes++
  const storage = asyncFrames
  let result: T | undefined
  try {
    result = await storage.run(frame, async () => {
      const outer = current
      current = null // the async context is the scope now; a synchronous one may be open around this call
      try {
        return await startOutside(fn, outer)
      } finally {
        current = null
      }
    })
    return result
  } finally {
    if (--asyncScopes === 0) {
      storage.disable()
      asyncFrames = null
    }
    close(frame, parent, result)
  }
}

// Starts fn with no synchronous scope open and restores the outer one before the caller goes on.
function startOutside<T>(fn: () => Promise<T>, outer: Frame | null): Promise<T> {
  try {
    return fn()
  } finally {
    current = outer
  }
}

/**
 * An explicit scope: `run` may be called several times, with awaits between; `dispose` (or `using`) frees what was made.
 *
 *     using step = new Scope()
 *     const loss = step.run(() => model.call(x))
 *     await loss.item()
 */
export class Scope {
  #frame: Frame | null = new Frame()

  /** Runs `fn` with this scope as the innermost one. */
  run<T>(fn: () => T): T {
    if (!this.#frame) throw new ValueError('Scope.run: the scope was disposed of')
    const outer = current
    current = this.#frame
    try {
      return fn()
    } finally {
      current = outer
    }
  }

  /** Frees everything made inside but what was kept or is reachable from `result`. */
  dispose(result?: unknown): void {
    const frame = this.#frame
    if (!frame) return
    this.#frame = null
    close(frame, openFrame(), result)
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

/** Lets a tensor outlive the open scope: it is then freed by `dispose()` or when it is collected. Returns it. */
export function keep<T extends Tensor>(t: T): T {
  const frame = openFrame()
  if (!frame || t._key !== 0) return t
  const i = frame.tensors.lastIndexOf(t)
  if (i >= 0) {
    frame.tensors.splice(i, 1)
    trackLoose(t)
  }
  return t
}

/**
 * Opens a frame that collects tensors into `made` instead of the open scope, and returns what to give to `stopCollecting`.
 * `collecting` without a closure, for the backward pass's inner loop.
 */
export function startCollecting(made: Tensor[]): unknown {
  const outer = current
  const frame = new Frame()
  frame.tensors = made
  current = frame
  return outer
}

export function stopCollecting(outer: unknown): void {
  current = outer as Frame | null
}

/**
 * Runs fn collecting the tensors it makes into `made` instead of the open scope. For the engine's own temporaries. What fn made
 * before it threw is disposed of.
 */
export function collecting<T>(made: Tensor[], fn: () => T): T {
  const outer = current
  const frame = new Frame()
  const first = made.length
  frame.tensors = made
  current = frame
  try {
    return fn()
  } catch (error) {
    for (const t of made.slice(first)) t.dispose()
    throw error
  } finally {
    current = outer
  }
}

/** Runs fn with no scope open: what it makes goes under the net. For tensors that persist, such as parameters. */
export function outsideScopes<T>(fn: () => T): T {
  const outer = current
  const made: Tensor[] = []
  const result = collecting(made, fn)
  current = outer
  for (const t of made) if (t._id !== 0) trackLoose(t)
  return result
}
