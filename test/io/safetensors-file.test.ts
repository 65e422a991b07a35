// safetensors files with tensors: round trips, mapping, atomic writing.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DType, noGrad, tensor, zeros } from '#lib/index.js'
import { writeFileAtomic } from '#lib/io/atomic.js'
import { loadSafetensors, readSafetensorsHeader, saveSafetensors } from '#lib/io/index.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sinter-io-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('saveSafetensors and loadSafetensors', () => {
  it('keep every dtype to the bit', async () => {
    const dtypes: DType[] = ['f32', 'f64', 'bf16', 'f16', 'i32', 'i64', 'u8', 'i8', 'bool']
    const saved = new Map(
      dtypes.map((dtype) => [
        dtype as string,
        tensor([
          [1, 0, 1.5],
          [0, 3, 100],
        ]).to(dtype),
      ]),
    )
    saved.set('c64', tensor(Float32Array.of(1, 2, 3, 4), { dtype: 'c64' }))
    saved.set('empty', zeros([0, 4]))
    const path = join(folder, 'all.safetensors')
    await saveSafetensors(path, saved, { note: 'é' })
    expect((await readSafetensorsHeader(path)).metadata.get('note')).toBe('é')
    const loaded = await loadSafetensors(path)
    expect([...loaded.keys()].sort()).toEqual([...saved.keys()].sort())
    for (const [name, original] of saved) {
      const copy = loaded.get(name)
      expect(copy?.shape).toEqual(original.shape)
      expect(copy?.dtype).toBe(original.dtype)
      expect(await copy?.rawData()).toEqual(await original.rawData())
    }
  })

  it('save views as their elements, whatever their strides', async () => {
    const path = join(folder, 'view.safetensors')
    await saveSafetensors(path, {
      t: tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]).transpose(0, 1),
    })
    expect(await (await loadSafetensors(path)).get('t')?.toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ])
  })

  it('load only the names asked for', async () => {
    const path = join(folder, 'two.safetensors')
    await saveSafetensors(path, { a: tensor([1]), b: tensor([2]) })
    expect([...(await loadSafetensors(path, { names: ['b'] })).keys()]).toEqual(['b'])
    await expect(loadSafetensors(path, { names: ['c'] })).rejects.toMatchObject({
      code: 'SAFETENSORS_TENSOR_MISSING',
      tensor: 'c',
    })
  })

  it('load tensors that another writer left unaligned', async () => {
    const json = new TextEncoder().encode(
      '{"f":{"dtype":"F32","shape":[2],"data_offsets":[1,9]},"u":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
    )
    const bytes = Buffer.alloc(8 + json.length + 9)
    bytes.writeBigUInt64LE(BigInt(json.length))
    bytes.set(json, 8)
    bytes[8 + json.length] = 7
    bytes.writeFloatLE(1.5, 9 + json.length)
    bytes.writeFloatLE(-2, 13 + json.length)
    const path = join(folder, 'odd.safetensors')
    await writeFile(path, bytes)
    const loaded = await loadSafetensors(path)
    expect(await loaded.get('f')?.toArray()).toEqual([1.5, -2])
    expect(await loaded.get('u')?.toArray()).toEqual([7])
  })

  it('leave the file as it is when a loaded tensor is written to, and outlive its removal', async () => {
    const path = join(folder, 'map.safetensors')
    await saveSafetensors(path, { a: tensor([1, 2, 3]) })
    const before = await readFile(path)
    const a = (await loadSafetensors(path)).get('a')
    noGrad(() => a?.add_(1))
    expect(await a?.toArray()).toEqual([2, 3, 4])
    expect(await readFile(path)).toEqual(before)
    await rm(path)
    expect(await a?.toArray()).toEqual([2, 3, 4])
  })

  it('refuse an element type that no tensor has, by name', async () => {
    const json = '{"x":{"dtype":"U16","shape":[1],"data_offsets":[0,2]}}'
    const bytes = Buffer.alloc(8 + json.length + 2)
    bytes.writeBigUInt64LE(BigInt(json.length))
    bytes.write(json, 8)
    const path = join(folder, 'u16.safetensors')
    await writeFile(path, bytes)
    await expect(loadSafetensors(path)).rejects.toThrow(/u16\.safetensors: tensor "x": dtype is U16/)
  })

  it('refuse to save complex doubles, which the format lacks', async () => {
    const z = tensor(Float64Array.of(1, 2), { dtype: 'c128' })
    await expect(saveSafetensors(join(folder, 'z.safetensors'), { z })).rejects.toThrow(/z is c128/)
    expect(await readdir(folder)).toEqual([])
  })
})

describe('writeFileAtomic', () => {
  it('leaves the old content and no rubbish when writing fails', async () => {
    const path = join(folder, 'x')
    await writeFile(path, 'old')
    const failing = writeFileAtomic(path, async (file) => {
      await file.writeFile('half')
      throw new Error('disk full')
    })
    await expect(failing).rejects.toThrow('disk full')
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['x'])
  })
})
