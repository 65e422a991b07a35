/**
 * The net under tensors made outside any scope: freed when their JavaScript objects have been collected. Place in the whole:
 * weak references that native code polls, by bytes and by count, as neither finalizers nor FinalizationRegistry run in a
 * synchronous loop.
 */
import type { GradNode } from '../autograd/node.js'
import { loadNative } from '../native/load.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Stream } from './stream.js'

/** Loose bytes, and loose tensors, between two polls. */
const POLL_BYTES = 64 << 20
const POLL_COUNT = 16_384
/**
 * Told of external memory, V8 collects incrementally, when it has time: a synchronous loop outruns it. When loose tensors
 * have grown by this much, and by half, since a poll last found the heap clean, V8 is told of so much that it collects at
 * once (its hard limit is half of its own largest heap), and the surplus is taken back.
 */
const PRESSURE_BYTES = 160 << 20
const HARD_PRESSURE = 2 ** 40

/** A group of loose tensors is freed together, so it stays small: in number and in bytes that one survivor can hold up. */
const GROUP_COUNT = 32
const GROUP_BYTES = 16 << 10

/**
 * Loose tensors that share one weak reference, as creating one costs as much as running a small operator. Members hold
 * `token` strongly and nothing else does once the group is closed, so it is collected when the last member is. What is kept
 * here must not lead back to a member.
 */
class Group {
  token: object | null = {}
  stream: Stream
  readonly key: number
  readonly ids: number[] = []
  readonly bases: number[] = []
  readonly nodes: (GradNode | null)[] = []
  bytes = 0
  /** Members that nobody disposed of. */
  live = 0

  constructor(stream: Stream, key: number) {
    this.stream = stream
    this.key = key
  }
}

const groups: (Group | undefined)[] = [undefined]
const freeKeys: number[] = []
/** Groups whose members were all disposed of by hand, ready for others: a training loop then makes no new ones. */
const spares: Group[] = []
const MAX_SPARES = 64
// Results of recorded operators are grouped apart: they are short-lived, and their nodes hold whole graphs.
let plainGroup: Group | null = null
let graphGroup: Group | null = null
/** The newest loose tensor: grouped when the next one comes, when it is known whether it has a node. */
let newest: Tensor | null = null
let bytesSincePoll = 0
let countSincePoll = 0
/** Bytes that V8 was told of, and what they were when it last collected under pressure (or fell to since). */
let told = 0
let floor = 0
let deadKeys: Uint32Array | undefined

/** Puts a tensor under the net: freed some time after its object is collected. */
export function trackLoose(t: Tensor): void {
  if (newest !== null) enterGroup(newest)
  newest = t
  t._key = NEWEST
  bytesSincePoll += t._ownBytes()
  if (bytesSincePoll >= POLL_BYTES || ++countSincePoll >= POLL_COUNT) collect()
}

/** Key of the newest loose tensor, which is in no group yet. */
const NEWEST = -1

function enterGroup(t: Tensor): void {
  newest = null
  if (t._id === 0) return
  const graph = t._node !== null
  let group = graph ? graphGroup : plainGroup
  const bytes = t._ownBytes()
  if (
    group !== null &&
    (group.stream !== t._stream || group.ids.length >= GROUP_COUNT || group.bytes + bytes > GROUP_BYTES)
  ) {
    group.token = null
    group = null
  }
  if (group === null) {
    const spare = spares.pop()
    if (spare) {
      group = spare
      group.stream = t._stream
    } else {
      group = new Group(t._stream, freeKeys.pop() ?? groups.length)
      groups[group.key] = group
      loadNative().track(group.token as object, group.key)
    }
    if (graph) graphGroup = group
    else plainGroup = group
  }
  t._key = group.key
  t._position = group.ids.length
  t._token = group.token
  group.bytes += bytes
  group.live++
  group.ids.push(t._id)
  group.bases.push(t._base)
  group.nodes.push(t._node)
}

/** The tensor is disposed of by hand, or leaves the net. */
export function untrack(t: Tensor): void {
  bytesSincePoll -= t._ownBytes()
  if (t._key === NEWEST) newest = null
  else {
    const group = groups[t._key] as Group
    group.bytes -= t._ownBytes()
    group.ids[t._position] = 0
    group.bases[t._position] = 0
    group.nodes[t._position] = null
    if (--group.live === 0) recycle(group, t._token as object)
  }
  t._key = 0
  t._token = null
}

function recycle(group: Group, token: object): void {
  const open = group === plainGroup || group === graphGroup
  if (!open && spares.length >= MAX_SPARES) return
  group.ids.length = 0
  group.bases.length = 0
  group.nodes.length = 0
  group.bytes = 0
  if (open) return
  group.token = token
  spares.push(group)
}

/** A gradient node was attached to a tensor under the net: it moves to the results of recorded operators. */
export function regroup(t: Tensor): void {
  if (t._key === NEWEST) return
  untrack(t)
  trackLoose(t)
}

/** Frees loose tensors whose objects have been collected. */
export function collect(): void {
  if (newest !== null) enterGroup(newest)
  if (plainGroup !== null) plainGroup.token = null
  if (graphGroup !== null) graphGroup.token = null
  plainGroup = null
  graphGroup = null
  const native = loadNative()
  if (bytesSincePoll !== 0) native.adjustExternalMemory(bytesSincePoll)
  told += bytesSincePoll
  bytesSincePoll = 0
  const pressed = told - floor >= Math.max(PRESSURE_BYTES, floor / 2)
  if (pressed) {
    native.adjustExternalMemory(HARD_PRESSURE)
    native.adjustExternalMemory(-HARD_PRESSURE)
  }
  countSincePoll = 0
  let freed = 0
  deadKeys ??= new Uint32Array(4096)
  for (;;) {
    const n = native.poll(deadKeys)
    for (let i = 0; i < n; i++) {
      const key = deadKeys[i] as number
      const group = groups[key] as Group
      groups[key] = undefined
      freeKeys.push(key)
      freed += group.bytes
      for (let k = 0; k < group.ids.length; k++) {
        const id = group.ids[k] as number
        if (id === 0) continue
        group.stream.release(id)
        const base = group.bases[k] as number
        if (base !== 0) group.stream.release(base)
        group.nodes[k]?.release()
      }
    }
    if (n < deadKeys.length) break
  }
  if (freed !== 0) {
    native.adjustExternalMemory(-freed)
    told -= freed
  }
  if (pressed || told < floor) floor = told
}
