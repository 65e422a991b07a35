// Packing: rows, their fields, and that a model trained on packed rows has the loss and gradients of the sequences by themselves.
import { describe, expect, it } from 'vitest'
import {
  DataLoader,
  disposeBatch,
  type IterableDataset,
  mapSamples,
  type PackedBatch,
  packDataset,
  packRows,
  packSequences,
  packStream,
  Random,
  RecordError,
} from '#lib/data/index.js'
import { crossEntropy, embedding, type Tensor, tensor, varlenAttention } from '#lib/index.js'

const random = new Random(11)
const lengthsOf = (count: number, most: number) => Array.from({ length: count }, () => 1 + random.int(most))
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)

describe('packRows', () => {
  it('gives every sequence a place, and is within 11/9 of the fewest rows', () => {
    for (const [count, most] of [
      [500, 64],
      [500, 10],
      [1, 64],
      [0, 64],
    ] as const) {
      const lengths = lengthsOf(count, most)
      const rows = packRows(lengths, 64)
      expect(rows.flat().sort((a, b) => a - b)).toEqual(upTo(count))
      const used = rows.map((row) => row.reduce((sum, i) => sum + (lengths[i] as number), 0))
      for (const tokens of used) expect(tokens).toBeLessThanOrEqual(64)
      const fewest = Math.ceil(lengths.reduce((sum, n) => sum + n, 0) / 64)
      expect(rows.length).toBeLessThanOrEqual(Math.floor((11 / 9) * fewest + 6 / 9))
    }
    // The longest first, each into the first row that has room.
    expect(packRows([4, 8, 1, 4, 2, 1], 10)).toEqual([
      [1, 4],
      [0, 3, 2, 5],
    ])
  })

  it('packs 200,000 sequences without trying every row', () => {
    const lengths = upTo(200_000).map((i) => 1 + ((i * 7919) % 512))
    const rows = packRows(lengths, 512)
    const tokens = lengths.reduce((sum, n) => sum + n, 0)
    expect(tokens / (rows.length * 512)).toBeGreaterThan(0.99)
  })

  it('refuses what is longer than a row', () => {
    expect(() => packRows([3, 11], 10)).toThrow('packRows: sequence 1 has 11 tokens, a row 10: cut it before')
  })
})

describe('packed rows', () => {
  it('tell tokens, targets, positions, segments and starts', () => {
    const batch = packSequences([[7, 8], [1, 2, 3], [5]], { length: 4, value: 9 })
    expect(batch).toEqual({
      tokens: { data: Int32Array.of(1, 2, 3, 5, 7, 8, 9, 9), shape: [2, 4] },
      targets: { data: Int32Array.of(2, 3, -100, -100, 8, -100, -100, -100), shape: [2, 4] },
      positions: { data: Int32Array.of(0, 1, 2, 0, 0, 1, 0, 1), shape: [2, 4] },
      segments: { data: Int32Array.of(1, 1, 1, 2, 1, 1, 0, 0), shape: [2, 4] },
      starts: { data: Int32Array.of(0, 3, 4, 6, 8) },
    })
    expect(packSequences([], { length: 4 })).toMatchObject({
      tokens: { shape: [0, 0] },
      starts: { data: Int32Array.of(0) },
    })
    expect(packSequences([upTo(10)], { length: 4, long: 'split' }).tokens).toMatchObject({ shape: [3, 4] })
    expect(() => packSequences([upTo(10)], { length: 4 })).toThrow('sequence 0 has 10 tokens, a row 4')
  })

  it('come from datasets and from streams, which resume', async () => {
    const sequences = lengthsOf(40, 16).map((n, i) => Int32Array.from({ length: n }, (_, j) => 100 * i + j))
    const dataset = { length: 40, get: (i: number) => sequences[i]! }
    const stream: IterableDataset<Int32Array> = { iterate: () => sequences }
    const read = async (source: any, from = 0) => {
      const loader = new DataLoader<any>(source, { batchSize: 2, onError: 'skip' })
      loader.loadState({ ...loader.state(), batch: from })
      const found: [number[], number[]][] = []
      for await (const batch of loader) {
        expect((await batch.starts.toArray()).at(-1)).toBe(batch.tokens.numel)
        found.push([(await batch.tokens.toArray()).flat(), (await batch.segments.toArray()).flat()])
        disposeBatch(batch)
      }
      return found
    }
    const tokens = (batches: [number[], number[]][]) =>
      batches.flatMap(([tokens, segments]) => tokens.filter((_, i) => segments[i]! > 0))
    const all = sequences.flatMap((sequence) => [...sequence])
    const packed = packDataset(
      dataset,
      sequences.map((s) => s.length),
      { length: 16 },
    )
    expect(tokens(await read(packed)).sort((a, b) => a - b)).toEqual([...all].sort((a, b) => a - b))
    const rows = packStream(stream, { length: 16 })
    const whole = await read(rows)
    expect(tokens(whole)).toEqual(all)
    expect(await read(rows, 3)).toEqual(whole.slice(3))
    const bad = mapSamples(stream, (sequence) => {
      if (sequence[0] === 500) throw new RecordError('odd', { file: 'f', line: 6 })
      return sequence
    })
    expect(tokens(await read(packStream(bad, { length: 16 })))).toEqual(all.filter((t) => t < 500 || t >= 600))
    expect(() => packDataset(dataset, [1], { length: 16 })).toThrow('1 lengths for a dataset of 40 sequences')
    const wrong = packDataset(
      dataset,
      sequences.map((s) => (s.length % 16) + 1),
      { length: 16 },
    )
    await expect(read(wrong)).rejects.toThrow('by the given lengths')
  })

  it('train as the sequences do by themselves', async () => {
    const [VOCABULARY, CHANNELS, LENGTH] = [13, 8, 24]
    const sequences = lengthsOf(17, LENGTH).map((n) => Array.from({ length: n }, () => random.int(VOCABULARY)))
    const parameters = [
      [VOCABULARY, CHANNELS],
      [LENGTH, CHANNELS],
      [CHANNELS, VOCABULARY],
    ].map((shape) => {
      const data = Float64Array.from({ length: shape[0]! * shape[1]! }, () => random.normal() / 2)
      return tensor(data, { shape, requiresGrad: true })
    })
    const [tokens, places, head] = parameters as unknown as [Tensor, Tensor, Tensor]
    const lossOf = (batch: PackedBatch): Tensor => {
      const flat = (field: 'tokens' | 'targets' | 'positions') => tensor(batch[field].data as Int32Array)
      const x = embedding(tokens, flat('tokens')).add(embedding(places, flat('positions')))
      const heads = x.reshape([-1, 2, CHANNELS / 2])
      const mixed = varlenAttention(heads, heads, heads, tensor(batch.starts.data as Int32Array), { causal: true })
      const logits = x.add(mixed.reshape([-1, CHANNELS])).matmul(head)
      return crossEntropy(logits, flat('targets'), { reduction: 'sum' })
    }
    const gradients = async (losses: Tensor[]) => {
      for (const p of parameters) p.grad = null
      let total = 0
      for (const loss of losses) {
        loss.backward()
        total += (await loss.item()) as number
      }
      return { total, grads: await Promise.all(parameters.map(async (p) => [...(await p.grad!.data())].map(Number))) }
    }
    const packed = await gradients([lossOf(packSequences(sequences, { length: LENGTH }))])
    const alone = await gradients(sequences.map((s) => lossOf(packSequences([s], { length: s.length }))))
    const terms = sequences.reduce((sum, s) => sum + s.length, 0)
    const scale = (values: number[]) => Math.max(1, ...values.map(Math.abs))
    // Sums of the same terms in another order.
    expect(Math.abs(packed.total - alone.total)).toBeLessThan(terms * Number.EPSILON * packed.total)
    for (const [i, grads] of packed.grads.entries()) {
      const other = alone.grads[i] as number[]
      const bound = terms * 4 * Number.EPSILON * scale(other)
      for (const [j, value] of grads.entries()) expect(Math.abs(value - other[j]!)).toBeLessThan(bound)
    }
  })
})
