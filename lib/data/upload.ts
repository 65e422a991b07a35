// Batches of arrays as batches of tensors. Place in the whole: the last thing the loader does with a batch but for transforms.
import { tensor } from '../ops/creation.js'
import { Tensor } from '../tensor/tensor.js'
import { type HostBatch, isHostArray } from './batch.js'

/** Frees a batch's tensors at once instead of when their objects are collected. */
export function disposeBatch(batch: unknown): void {
  if (batch instanceof Tensor) batch.dispose()
  else if (typeof batch === 'object' && batch !== null) for (const item of Object.values(batch)) disposeBatch(item)
}

export function upload(batch: HostBatch, device: string | undefined): unknown {
  if (isHostArray(batch)) {
    const shape = batch.shape ?? [batch.data.length]
    return tensor(batch.data, { shape, ...(device === undefined ? {} : { device }) })
  }
  if (typeof batch === 'string') return batch
  if (Array.isArray(batch)) return batch.map((item: HostBatch) => upload(item, device))
  return Object.fromEntries(Object.entries(batch).map(([field, item]) => [field, upload(item as HostBatch, device)]))
}
