// WebDataset shards and Parquet files.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import sharp from 'sharp'
import { type Header, pack } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DataLoader, disposeBatch, parquetStream, Random, RecordError, webDataset } from '#lib/data/index.js'
import { damaged } from './mutate.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sinter-shards-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function write(content: Uint8Array, name = `${files++}.tar`): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

type Entry = readonly [name: string, content: string | Buffer, headers?: Partial<Header>]
async function tar(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack()
  for (const [name, content, headers] of entries) archive.entry({ name, ...headers }, content)
  archive.finalize()
  const pieces: Buffer[] = []
  for await (const piece of archive) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

async function all<T>(stream: { iterate(c: { epoch: number; random: Random }): AsyncIterable<T | RecordError> }) {
  const found: (T | string)[] = []
  for await (const sample of stream.iterate({ epoch: 0, random: new Random(1) })) {
    found.push(sample instanceof RecordError ? `@${sample.offset}: ${sample.reason}` : sample)
  }
  return found
}

const label = (value: number) => ({ data: Int32Array.of(value), shape: [] })

describe('webDataset', () => {
  it('joins the files of a sample and decodes them by their extension', async () => {
    const png = await sharp({ create: { width: 4, height: 2, channels: 3, background: { r: 1, g: 2, b: 3 } } })
      .png()
      .toBuffer()
    const golden = JSON.parse(readFileSync(new URL('../../golden/readers.json', import.meta.url), 'utf8'))
    const entry = (list: { name: string; file: string }[], name: string) =>
      Buffer.from(list.find((item) => item.name === name)?.file as string, 'base64')
    const long = `${'deep/'.repeat(40)}b`
    const path = write(
      await tar([
        ['set', '', { type: 'directory' }],
        ['set/README', 'no sample'],
        ['set/a.PNG', png],
        ['set/a.cls', '7\n'],
        ['set/a.json', '{"x": [1, 2]}'],
        ['set/a.npy', entry(golden.npy, 'scalar')],
        ['set/a.wav', entry(golden.wav, 's16')],
        [`${long}.txt`, 'ä'],
        [`${long}.seg.bin`, Buffer.of(1, 2)],
      ]),
    )
    const [a, b] = (await all(webDataset(path))) as Record<string, { data: unknown; shape: number[] }>[]
    expect(Object.keys(a ?? {})).toEqual(['__key__', 'png', 'cls', 'json', 'npy', 'wav'])
    expect([a?.['__key__'], a?.['cls'], a?.['json']]).toEqual(['set/a', label(7), { x: [1, 2] }])
    expect(a?.['png']).toEqual({ data: Uint8Array.from([1, 2, 3].flatMap((v) => Array(8).fill(v))), shape: [3, 2, 4] })
    expect([a?.['npy']?.shape, a?.['wav']?.shape]).toEqual([[], [2, 11]])
    expect(b).toEqual({ __key__: long, txt: 'ä', 'seg.bin': Uint8Array.of(1, 2) })
  })

  const text = (begin: number, count: number) =>
    tar(
      Array.from({ length: count }, (_, i): Entry[] => [
        [`${begin + i}.txt`, `t${begin + i}`],
        [`${begin + i}.cls`, `${begin + i}`],
      ]).flat(),
    )
  const fields = { text: 'text;txt', label: 'cls' }

  it('names fields, and samples that lack one', async () => {
    const path = write(
      await tar([
        ['a.txt', 'A'],
        ['a.cls', '1'],
        ['b.txt', 'B'],
        ['c.txt', 'C'],
        ['c.cls', 'x'],
      ]),
    )
    expect(await all(webDataset(path, { fields }))).toEqual([
      { __key__: 'a', text: 'A', label: label(1) },
      "@2560: sample 'b' has no file .cls; it has .txt",
      '@4608: c.cls is "x", expected a whole number of 32 bits',
    ])
  })

  it.each([0, 1, 2])('deals shards to workers and goes on in the middle of an epoch (%i workers)', async (workers) => {
    for (let shard = 0; shard < 3; shard++) write(gzipSync(await text(shard * 5, 5)), `w${workers}-${shard}.tar`)
    const paths = join(folder, `w${workers}-{0..2}.tar`)
    const make = () => {
      const stream = webDataset(paths, { fields, shuffleFiles: true, shuffleBuffer: 3 })
      return new DataLoader(stream, { batchSize: 2, seed: 4, workers })
    }
    await using loader = make()
    const seen: number[] = []
    const states: ReturnType<typeof loader.state>[] = [loader.state()]
    const counts = [0]
    for await (const batch of loader) {
      seen.push(...((await batch['label'].toArray()) as number[]))
      disposeBatch(batch)
      states.push(loader.state())
      counts.push(seen.length)
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 15 }, (_, i) => i))
    await using resumed = make()
    resumed.loadState(states[3] as (typeof states)[0])
    const rest: number[] = []
    for await (const batch of resumed) {
      rest.push(...((await batch['label'].toArray()) as number[]))
      disposeBatch(batch)
    }
    expect(rest).toEqual(seen.slice(counts[3]))
  })

  it('names damage, and goes on with the next shard', async () => {
    const whole = await text(0, 3)
    const next = write(await text(9, 1))
    const read = (bytes: Buffer) => all(webDataset([write(bytes), next], { fields, sharded: false }))
    const good = (i: number) => ({ __key__: `${i}`, text: `t${i}`, label: label(i) })
    // Cut off in the second sample, whose first file was read.
    const cut = await read(whole.subarray(0, 3072 + 400))
    expect(cut).toEqual([good(0), expect.stringMatching(/^@2\d+: cannot be read further as a tar archive/), good(9)])
    const header = Buffer.from(whole)
    header[2048 + 150] = 0x39
    // Whether the first sample had another file is not known.
    expect(await read(header)).toEqual([expect.stringMatching(/^@\d+: cannot be read further.*header/), good(9)])
    expect(await read(Buffer.alloc(0))).toEqual([good(9)])
    const twice = await tar([
      ['a.txt', '1'],
      ['a.txt', '2'],
      ['b.txt', 'B'],
      ['b.cls', '1'],
    ])
    expect(await read(twice)).toEqual([
      "@1536: sample 'a' has two files .txt",
      { __key__: 'b', text: 'B', label: label(1) },
      good(9),
    ])
    const large = await all(webDataset(next, { fields: { label: 'cls' }, maxBytes: 1 }))
    expect(large).toEqual(['@512: 9.txt of 2 bytes is larger than maxBytes, 1'])
    await expect(all(webDataset(join(folder, 'nowhere.tar')))).rejects.toMatchObject({ code: 'DATA_FILE' })
    expect(() => webDataset('x', { image: { sise: 3 } as object })).toThrow(/did you mean "size"/)
  })

  it('reads shards of many pieces without gathering listeners', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    try {
      const entries = Array.from({ length: 40 }, (_, i): Entry => [`${i}.bin`, Buffer.alloc(100_000, i)])
      expect(await all(webDataset(write(await tar(entries))))).toHaveLength(40)
      await new Promise((resolve) => setImmediate(resolve))
      expect(warnings.map(({ message }) => message)).toEqual([])
    } finally {
      process.off('warning', note)
    }
  })

  it('survives damage and being left', async () => {
    const whole = await text(0, 3)
    for (const bytes of damaged(whole, 120)) await all(webDataset(write(bytes, 'x.tar')))
    for (const bytes of damaged(gzipSync(whole), 60)) await all(webDataset(write(bytes, 'x.tar')))
    const big = write(
      await tar([
        ['a.txt', 'x'.repeat(2_000_000)],
        ['b.txt', 'y'.repeat(2_000_000)],
      ]),
    )
    for await (const sample of webDataset(big).iterate({ epoch: 0, random: new Random(1) })) {
      expect(sample).toMatchObject({ __key__: 'a' })
      break
    }
  })
})

describe('parquetStream', () => {
  const table = (rowGroupSize = 2) =>
    Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: 'x', data: [1.5, 2.5, null, 4.5, 5.5], type: 'DOUBLE' },
          { name: 'id', data: [1n, 2n, 3n, 4n, 5n], type: 'INT64' },
          { name: 'text', data: ['a', 'bä', '', 'd', 'e'], type: 'STRING' },
          { name: 'ok', data: [true, false, true, true, false], type: 'BOOLEAN' },
        ],
        rowGroupSize,
      }),
    )

  it('gives rows of the columns that are asked for', async () => {
    const path = write(table(), 'a.parquet')
    expect(await all(parquetStream(path))).toEqual([
      { x: 1.5, id: 1n, text: 'a', ok: true },
      { x: 2.5, id: 2n, text: 'bä', ok: false },
      { x: Number.NaN, id: 3n, text: '', ok: true },
      { x: 4.5, id: 4n, text: 'd', ok: true },
      { x: 5.5, id: 5n, text: 'e', ok: false },
    ])
    expect((await all(parquetStream(path, { columns: ['text', 'id'] })))[1]).toEqual({ text: 'bä', id: 2n })
    await expect(all(parquetStream(path, { columns: ['txt'] }))).rejects.toThrow(/no column 'txt'; did you mean "text"/)
  })

  it.each([0, 2])('makes batches (%i workers)', async (workers) => {
    const path = write(table(), `b${workers}.parquet`)
    await using loader = new DataLoader(
      parquetStream<{ id: bigint; text: string }>(path, { columns: ['id', 'text'] }),
      { batchSize: 3, workers },
    )
    const seen: unknown[] = []
    for await (const { id, text } of loader) {
      seen.push([id.dtype, await id.toArray(), text])
      id.dispose()
    }
    expect(seen).toEqual([
      ['i64', [1, 2, 3], ['a', 'bä', '']],
      ['i64', [4, 5], ['d', 'e']],
    ])
  })

  it('reads lists, and names nulls', async () => {
    const list = (data: unknown[], name: string) => ({ name, data, type: 'JSON' as const })
    const bytes = parquetWriteBuffer({
      columnData: [list([{ a: [1, 2] }, null], 'j'), { name: 'n', data: [1, null], type: 'INT32', nullable: true }],
    })
    expect(await all(parquetStream(write(Buffer.from(bytes), 'c.parquet'), { columns: ['n'] }))).toEqual([
      { n: 1 },
      "@undefined: row 1: column 'n' is null",
    ])
  })

  it('names row groups and files that are damaged', async () => {
    const whole = table()
    const at = whole.indexOf('bä')
    const broken = Buffer.from(whole)
    broken.fill(0xff, 4, at)
    const found = await all(parquetStream(write(broken, 'd.parquet')))
    expect(found[0]).toMatch(/^@\d+: row group 0 cannot be read: /)
    expect(found.slice(1)).toHaveLength(3)
    for (const bytes of [Buffer.alloc(0), Buffer.from('PAR1'), whole.subarray(0, 100), whole.subarray(0, -1)]) {
      const reads = await all(parquetStream(write(bytes, 'e.parquet')))
      expect(reads).toEqual([expect.stringMatching(/^@undefined: is no Parquet file: /)])
    }
  })
})
