/**
 * Decoding of JPEG through a loader, against sharp alone, in images a second. Both sides take turns on the same generated files; sharp alone is
 * given as many decodes at a time as it can use, and its pixels are thrown away.
 *
 *     node scripts/build.mjs && node dist/bench/training/decode.js [--images N] [--rounds N] [--size N]
 *
 * With --size images are resized, by sharp on both sides.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { DataLoader, disposeBatch, type ImageDataset, imageFolder, Random } from 'sinter/data'

/** As photographs of ImageNet are. */
const [HEIGHT, WIDTH] = [375, 500]
const WORKERS = [0, 1, 2]

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '7' },
    size: { type: 'string' },
  },
})
const size = values.size === undefined ? undefined : Number(values.size)

/** Waves and noise: files of about the size that photographs have. */
async function generate(folder: string, count: number): Promise<void> {
  await mkdir(folder)
  for (let image = 0; image < count; image++) {
    const random = new Random(image)
    const pixels = Buffer.alloc(HEIGHT * WIDTH * 3)
    for (let i = 0; i < pixels.length; i++) {
      const x = Math.floor(i / 3) % WIDTH
      const y = Math.floor(i / 3 / WIDTH)
      const wave = 80 * Math.sin((x + image * 10) / (20 + (i % 3) * 7)) + 50 * Math.cos(y / 15)
      pixels[i] = Math.max(0, Math.min(255, 128 + wave + random.uniform() * 32 - 16))
    }
    const raw = { height: HEIGHT, width: WIDTH, channels: 3 } as const
    await sharp(pixels, { raw })
      .jpeg({ quality: 90 })
      .toFile(join(folder, `${String(image)}.jpg`))
  }
}

async function alone(files: readonly string[]): Promise<void> {
  let next = 0
  const run = async () => {
    while (next < files.length) {
      const image = sharp(files[next++])
      await (size === undefined ? image : image.resize(size, size)).raw().toBuffer()
    }
  }
  await Promise.all(Array.from({ length: 8 }, run))
}

async function through(loader: DataLoader): Promise<void> {
  for await (const batch of loader) disposeBatch(batch)
}

async function compare(data: ImageDataset, rounds: number): Promise<void> {
  const loaders = WORKERS.map((workers) => new DataLoader(data, { batchSize: 32, workers }))
  const sides = new Map<string, () => Promise<void>>([
    ['sharp alone', () => alone(data.files)],
    ...loaders.map((loader, i) => [`loader, ${WORKERS[i]} workers`, () => through(loader)] as const),
  ])
  const rates = new Map([...sides.keys()].map((name) => [name, [] as number[]]))
  // The first round starts threads and fills caches.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of sides) {
      const begin = performance.now()
      await run()
      if (round > 0) rates.get(name)?.push(data.length / ((performance.now() - begin) / 1000))
    }
  }
  await Promise.all(loaders.map((loader) => loader.close()))
  const own = rates.get('sharp alone') as number[]
  for (const [name, found] of rates) {
    const share = median(found.map((rate, i) => rate / (own[i] as number)))
    const spread = `${Math.min(...found).toFixed(0)} to ${Math.max(...found).toFixed(0)}`
    console.log(
      `${name.padEnd(20)} ${median(found).toFixed(0).padStart(6)} images/s (${spread}), ${(share * 100).toFixed(0)} %`,
    )
  }
}

function median(of: readonly number[]): number {
  return [...of].sort((a, b) => a - b)[of.length >> 1] as number
}

const folder = await mkdtemp(join(tmpdir(), 'sinter-decode-'))
try {
  await generate(join(folder, 'class'), Number(values.images))
  await compare(await imageFolder(folder, size === undefined ? {} : { size }), Number(values.rounds))
} finally {
  await rm(folder, { recursive: true })
}
