/**
 * Images a second through the loader, augmented: 32 x 32 x 3 bytes in batches of 256, without and with RandAugment, and as for training
 * (padded crops, flips, RandAugment, normalizing). Beside them how long the event loop was kept waiting.
 *
 *     npm run bench:augment -- [--images N] [--workers N] [--threads N]
 *
 * With SINTER_PEER_PYTHON, a Python with torch and torchvision, the same by torchvision in two worker processes (augment.py).
 */
import { spawnSync } from 'node:child_process'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { engine, type Tensor } from 'sinter'
import { type BatchTransform, DataLoader, disposeBatch } from 'sinter/data'
import { compose, normalize, randAugment, randomCrop, randomHorizontalFlip } from 'sinter/transforms'

const BATCH = 256
const MEAN_STD = { mean: [0.491, 0.482, 0.447], std: [0.247, 0.243, 0.262] }
const TRANSFORMS: Readonly<Record<string, BatchTransform | undefined>> = {
  none: undefined,
  randAugment: randAugment(),
  training: compose([randomCrop(32, { padding: 4 }), randomHorizontalFlip(), randAugment(), normalize(MEAN_STD)]),
}

async function measure(images: number, workers: number, transform: BatchTransform | undefined): Promise<number[]> {
  const options = { batchSize: BATCH, shuffle: true, workers, ...(transform === undefined ? {} : { transform }) }
  const module = new URL('./pictures.js', import.meta.url)
  await using loader = new DataLoader({ module, args: [images] }, options)
  const epoch = async (): Promise<number> => {
    const begin = performance.now()
    for await (const batch of loader) {
      // A consumer that waits for each batch; a training step would run meanwhile.
      await (batch.image as Tensor).select(0, 0).data()
      disposeBatch(batch)
    }
    return performance.now() - begin
  }
  await epoch()
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  const milliseconds = await epoch()
  delays.disable()
  return [(1000 * images) / milliseconds, delays.percentile(99) / 1e6]
}

const { values } = parseArgs({
  options: { images: { type: 'string' }, workers: { type: 'string' }, threads: { type: 'string' } },
})
const images = Number(values.images ?? 20_000)
const workers = Number(values.workers ?? 0)
engine.setThreads(Number(values.threads ?? 2))
console.log(`${'transform'.padEnd(14)} images/s   event loop waits (99 %)`)
for (const [name, transform] of Object.entries(TRANSFORMS)) {
  const [speed, delay] = (await measure(images, workers, transform)) as [number, number]
  console.log(`${name.padEnd(14)} ${speed.toFixed(0).padStart(8)}   ${delay.toFixed(1)} ms`)
}
const python = process.env['SINTER_PEER_PYTHON']
if (python !== undefined) {
  const script = fileURLToPath(new URL('../../../bench/training/augment.py', import.meta.url))
  const { status, stdout, stderr } = spawnSync(python, [script], { encoding: 'utf8' })
  console.log(status === 0 ? stdout.trimEnd() : `torchvision: no figures\n${stderr}`)
}
