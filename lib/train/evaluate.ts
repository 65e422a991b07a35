// Averages over a data set. Place in the whole: called by the Trainer and by anyone who wants a model's score.
import { noGrad } from '../autograd/mode.js'
import { disposeBatch } from '../data/loader.js'
import { scope } from '../engine/lifetime.js'
import type { Module } from '../nn/module.js'
import type { Tensor } from '../tensor/tensor.js'

/** What one batch adds: sums over its `count` items (samples, tokens), one number each. */
export interface Measured {
  readonly count: number
  readonly sums: Readonly<Record<string, Tensor>>
}

/**
 * Runs `measure` on every batch, without gradients and in evaluation mode, and returns each sum divided by the count of
 * all items. Modes are put back as they were. The event loop stays free: one batch runs while the next is encoded.
 */
export async function evaluate<B>(
  model: Module,
  batches: AsyncIterable<B> | Iterable<B>,
  measure: (batch: B) => Measured,
): Promise<Record<string, number>> {
  const modes = [...model.modules()].map((module) => [module, module.training] as const)
  const totals = new Map<string, number>()
  let items = 0
  let running: Promise<void> = Promise.resolve()
  model.eval()
  try {
    for await (const batch of batches) {
      const { count, sums } = noGrad(() => scope(() => measure(batch)))
      disposeBatch(batch)
      const before = running
      running = addTo(totals, sums)
      running.catch(() => {})
      items += count
      await before
    }
    await running
  } finally {
    for (const [module, training] of modes) module.training = training
  }
  return Object.fromEntries([...totals].map(([name, total]) => [name, total / items]))
}

async function addTo(totals: Map<string, number>, sums: Readonly<Record<string, Tensor>>): Promise<void> {
  const values = await Promise.all(Object.entries(sums).map(async ([name, sum]) => [name, await sum.item()] as const))
  for (const [name, value] of values) totals.set(name, (totals.get(name) ?? 0) + value)
  for (const sum of Object.values(sums)) sum.dispose()
}
