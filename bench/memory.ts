/**
 * `--memory`: the peak memory of a case, ours and a peer's. Place in the whole: main.ts chooses the cases; worker.ts and
 * peers/conversation.py measure.
 *
 * Every figure is a fresh process's: VmHWM (its highest resident memory) after some calls, less VmRSS just before the case is built, so
 * that the interpreter and the library themselves do not count. A call's first rounds grow caches and pools; STEPS of them are made.
 */
import type { Case } from './case.js'
import type { MemoryRow } from './report.js'
import { type Binding, type Conversation, startOurs } from './sides.js'

/** The second step still allocates: optimizer state exists only after the first. */
const STEPS = 4

/** A peer that measures memory, in processes of its own. */
export interface MemoryPeer {
  readonly key: string
  readonly name: string
  /** A process that has said its hello. */
  fresh(): Promise<Conversation>
}

interface Reply {
  bytes: number
  variants: readonly string[]
}

async function ask(conversation: Conversation, name: string, variant: string): Promise<Reply> {
  try {
    return (await conversation.ask({ cmd: 'memory', case: name, variant, steps: STEPS })) as unknown as Reply
  } finally {
    conversation.close()
  }
}

/** The peer's variants (layouts) each in a process of its own; the one with the least memory counts. */
async function ofPeer(peer: MemoryPeer, name: string): Promise<{ bytes: number; variant: string }> {
  const first = await ask(await peer.fresh(), name, '')
  const all = [{ bytes: first.bytes, variant: first.variants[0] ?? '' }]
  for (const variant of first.variants.slice(1))
    all.push({ bytes: (await ask(await peer.fresh(), name, variant)).bytes, variant })
  return all.reduce((a, b) => (b.bytes < a.bytes ? b : a))
}

/** The row of a case; the bar is a peer's memory. */
export async function measureMemory(c: Case, binding: Binding, peers: readonly MemoryPeer[]): Promise<MemoryRow> {
  const ours = (await ask(startOurs(binding), c.name, '')).bytes
  const figures: MemoryRow['peers'] = []
  for (const peer of peers) {
    try {
      const { bytes, variant } = await ofPeer(peer, c.name)
      figures.push({ key: peer.key, name: peer.name, bytes, layout: variant || null, ratio: bytes / ours, error: null })
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error)
      figures.push({ key: peer.key, name: peer.name, bytes: null, layout: null, ratio: null, error: sentence })
    }
  }
  const over = figures.some((figure) => figure.bytes !== null && ours > figure.bytes)
  return { case: c.name, threads: binding.threads, dtype: c.dtype, ours_bytes: ours, peers: figures, missed_bar: over }
}
