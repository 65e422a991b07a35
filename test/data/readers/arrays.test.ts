// IDX, .npy and .npz: what NumPy wrote, what the headers say and where they lie.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arrayFiles, DataLoader, disposeBatch, RecordError, readIdx, readNpy, readNpz } from '#lib/data/index.js'
import { survives } from './mutate.js'

interface Golden {
  npy: { name: string; file: string; shape: number[]; values: string[] }[]
  npz: Record<'stored' | 'deflated', string>
}
const golden: Golden = JSON.parse(readFileSync(new URL('../../golden/readers.json', import.meta.url), 'utf8'))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sinter-arrays-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, content: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function idx(type: number, shape: number[], body: number[]): Buffer {
  const sizes = shape.flatMap((dim) => [dim >>> 24, (dim >>> 16) & 255, (dim >>> 8) & 255, dim & 255])
  return Buffer.from([0, 0, type, shape.length, ...sizes, ...body])
}

/** As Python prints numbers. */
const python = (v: string) => Number(v.replace('inf', 'Infinity'))

describe('readNpy', () => {
  it.each(golden.npy.filter(({ name }) => !name.startsWith('refused')))(
    'reads $name',
    async ({ name, file, ...expected }) => {
      const { data, shape } = await readNpy(write(`${name}.npy`, Buffer.from(file, 'base64')))
      expect(shape).toEqual(expected.shape)
      if (data instanceof BigInt64Array) expect([...data]).toEqual(expected.values.map(BigInt))
      else {
        const values = expected.values.map(python)
        expect([...data]).toEqual(data instanceof Float32Array ? values.map(Math.fround) : values)
      }
    },
  )

  it.each(golden.npy.filter(({ name }) => name.startsWith('refused')))('$name', async ({ name, file }) => {
    await expect(readNpy(write(`${name}.npy`, Buffer.from(file, 'base64')))).rejects.toThrow(
      /holds (structures|'<[cU])/,
    )
  })

  it('names the place where a file is not what it says', async () => {
    const whole = Buffer.from(golden.npy[0]?.file as string, 'base64')
    const cut = write('cut.npy', whole.subarray(0, 200))
    const error = await readNpy(cut).catch((e) => e)
    expect(error).toBeInstanceOf(RecordError)
    expect(error).toMatchObject({ file: cut, offset: 200, code: 'DATA_RECORD' })
    expect(error.reason).toBe('shape (2, 3, 4) of f32 needs 96 bytes, found 72')
    await expect(readNpy(write('not.npy', Buffer.from('hello')))).rejects.toThrow(/begins otherwise than a .npy file/)
    await expect(readNpy(join(folder, 'nowhere.npy'))).rejects.toMatchObject({ code: 'DATA_FILE' })
  })

  it('survives damage', async () => {
    for (const { file } of golden.npy.slice(0, 9))
      expect(await survives(Buffer.from(file, 'base64'), 60, (b) => readNpy(write('x.npy', b)))).toBeGreaterThan(20)
  })
})

describe('readNpz', () => {
  it.each(['stored', 'deflated'] as const)('reads arrays that are %s', async (how) => {
    const arrays = await readNpz(write('a.npz', Buffer.from(golden.npz[how], 'base64')))
    expect(arrays['a']).toEqual({ data: Float32Array.of(0, 1, 2, 3, 4, 5), shape: [2, 3] })
    expect(arrays['b']).toEqual({ data: BigInt64Array.of(0n, 1n), shape: [2] })
  })

  it('survives damage', async () => {
    for (const how of ['stored', 'deflated'] as const)
      await survives(Buffer.from(golden.npz[how], 'base64'), 300, (b) => readNpz(write('x.npz', b)))
    await expect(readNpz(write('empty.npz', Buffer.alloc(0)))).rejects.toThrow(/no zip archive/)
  })
})

describe('readIdx', () => {
  it('reads every type', async () => {
    expect(await readIdx(write('a', idx(8, [2, 2], [1, 2, 3, 255])))).toEqual({
      data: Uint8Array.of(1, 2, 3, 255),
      shape: [2, 2],
    })
    const data = async (type: number, body: number[]) => (await readIdx(write('a', idx(type, [1], body)))).data
    expect(await data(9, [254])).toEqual(Int8Array.of(-2))
    expect(await data(11, [0x80, 1])).toEqual(Int32Array.of(-32767))
    expect(await data(12, [1, 0, 0, 2])).toEqual(Int32Array.of(0x1000002))
    expect(await data(13, [0x3f, 0xc0, 0, 0])).toEqual(Float32Array.of(1.5))
    expect(await data(14, [0xc0, 4, 0, 0, 0, 0, 0, 0])).toEqual(Float64Array.of(-2.5))
    expect(await readIdx(write('a.gz', gzipSync(idx(8, [3], [7, 8, 9]))))).toEqual({
      data: Uint8Array.of(7, 8, 9),
      shape: [3],
    })
    expect(await readIdx(write('a', idx(8, [0, 28, 28], [])))).toEqual({ data: new Uint8Array(0), shape: [0, 28, 28] })
  })

  it('tells what does not fit', async () => {
    const reads = (bytes: Uint8Array) => expect(readIdx(write('bad', bytes))).rejects
    await reads(Buffer.alloc(0)).toThrow(/bad, byte 0: 0 bytes are no IDX file/)
    await reads(Buffer.from('PNG!')).toThrow(/begins with 504e4721/)
    await reads(Buffer.from([0, 0, 8, 3, 0, 0])).toThrow(/byte 6: ends within the sizes of its 3 dimensions/)
    await reads(idx(8, [60000, 28, 28], [1, 2])).toThrow(/shape \(60000, 28, 28\) of u8 needs 47040016 bytes, found 18/)
    await reads(idx(14, [0xffffffff, 0xffffffff], [])).toThrow(/needs .* found 12/)
    await reads(idx(8, [2], [1, 2, 3])).toThrow(/byte 10: shape \(2\) of u8 needs 10 bytes, found 11/)
    await reads(gzipSync(idx(8, [2], [1, 2])).subarray(0, 15)).toThrow(/not a whole gzip file/)
  })

  it('survives damage', async () => {
    await survives(idx(12, [2, 3], Array(24).fill(3)), 600, (b) => readIdx(write('x', b)))
    await survives(gzipSync(idx(8, [5, 4], Array(20).fill(3))), 300, (b) => readIdx(write('x', b)))
  })
})

describe('arrayFiles', () => {
  it.each([0, 2])('gives rows of files of any format, with %i workers', async (workers) => {
    const image = write('images.gz', gzipSync(idx(8, [4, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8])))
    const label = write('labels', idx(8, [4], [3, 2, 1, 0]))
    const data = await arrayFiles({ image, label })
    expect(data.length).toBe(4)
    await using loader = new DataLoader(data, { batchSize: 3, workers })
    const seen: unknown[] = []
    for await (const batch of loader) {
      seen.push([batch.image.shape, await batch.image.toArray(), await batch.label.toArray()])
      disposeBatch(batch)
    }
    expect(seen).toEqual([
      [
        [3, 1, 2],
        [[[1, 2]], [[3, 4]], [[5, 6]]],
        [3, 2, 1],
      ],
      [[1, 1, 2], [[[7, 8]]], [0]],
    ])
  })

  it('reads arrays of archives, and says which there are', async () => {
    const path = write('c.npz', Buffer.from(golden.npz.stored, 'base64'))
    const data = await arrayFiles({ x: `${path}#a`, y: `${path}#b` })
    expect(data.get(1)).toEqual({
      x: { data: Float32Array.of(3, 4, 5), shape: [3] },
      y: { data: BigInt64Array.of(1n), shape: [] },
    })
    await expect(arrayFiles({ x: `${path}#c` })).rejects.toThrow(/has no array 'c'.*it has a, b/)
    await expect(arrayFiles({ x: path })).rejects.toThrow(/name an array of it/)
    await expect(arrayFiles({ x: write('t', Buffer.from('text')) })).rejects.toThrow(/neither an IDX nor a .npy file/)
    const short = write('s', idx(8, [3], [1, 2, 3]))
    await expect(arrayFiles({ x: `${path}#a`, y: short })).rejects.toThrow(/x has 2 samples, y has 3/)
  })
})
