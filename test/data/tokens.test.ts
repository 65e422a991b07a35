// Token files: what is written is read, in windows by chance and in sequence, over shards and documents; damaged files are named.
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { DataLoader, disposeBatch, TokenFile, tokenWindows, writeTokens } from '#lib/data/index.js'

const folder = mkdtempSync(join(tmpdir(), 'sinter-tokens-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)
const upTo = (n: number, begin = 0) => Array.from({ length: n }, (_, i) => begin + i)

async function read(dataset: any, options: any = {}, from = 0): Promise<{ tokens: number[][]; targets: number[][] }> {
  await using loader = new DataLoader<any>(dataset, { batchSize: 3, ...options })
  loader.loadState({ ...loader.state(), batch: from })
  const found = { tokens: [] as number[][], targets: [] as number[][] }
  for await (const batch of loader) {
    expect(batch.tokens.dtype).toBe('i32')
    found.tokens.push(...(await batch.tokens.toArray()))
    found.targets.push(...(await batch.targets.toArray()))
    disposeBatch(batch)
  }
  return found
}

describe('writeTokens', () => {
  it('writes what nanoGPT and llm.c read', async () => {
    expect(await writeTokens(at('raw.bin'), [[1, 2], Uint16Array.of(65_535)], { separator: 9 })).toBe(5)
    expect([...new Uint16Array(new Uint8Array(readFileSync(at('raw.bin'))).buffer)]).toEqual([1, 2, 9, 65_535, 9])
    const documents = (async function* () {
      yield [1]
      yield [100_000, 3]
    })()
    expect(await writeTokens(at('header.bin'), documents, { dtype: 'u32', format: 'llm.c' })).toBe(3)
    const words = new Uint32Array(new Uint8Array(readFileSync(at('header.bin'))).buffer)
    expect([...words.slice(0, 3)]).toEqual([20240801, 7, 3])
    expect([...words.slice(256)]).toEqual([1, 100_000, 3])
  })

  it('writes more than its buffer holds', async () => {
    const n = 700_001
    await writeTokens(at('long.bin'), [upTo(n).map((i) => i % 50_000)], { format: 'llm.c' })
    const file = await TokenFile.open(at('long.bin'))
    expect([file.length, file.dtype]).toEqual([n, 'u16'])
    expect([...(await file.windows([524_286, 699_998], 3))]).toEqual([24_286, 24_287, 24_288, 49_998, 49_999, 0])
  })

  it('refuses ids that do not fit, and leaves no file', async () => {
    const failing = writeTokens(at('none.bin'), [[1, 70_000]])
    await expect(failing).rejects.toThrow('token 1 is 70000, expected a whole number from 0 to 65535 (u16)')
    await expect(TokenFile.open(at('none.bin'))).rejects.toMatchObject({ code: 'DATA_FILE' })
    await expect(writeTokens(at('none.bin'), [1, 2] as never)).rejects.toThrow('wrap a single one in [ ]')
    await expect(writeTokens(at('none.bin'), [[1.5]])).rejects.toThrow('token 0 is 1.5')
    await expect(writeTokens(at('none.bin'), [], { format: 'npy' as never })).rejects.toThrow(`format is "npy"`)
  })
})

describe('TokenFile', () => {
  it('names what is wrong with a file, and where', async () => {
    await writeTokens(at('cut.bin'), [upTo(10)], { format: 'llm.c' })
    const open = await TokenFile.open(at('cut.bin'))
    truncateSync(at('cut.bin'), 1024 + 10)
    await expect(open.windows([2], 5)).rejects.toMatchObject({ code: 'DATA_RECORD', file: at('cut.bin'), offset: 1028 })
    await expect(TokenFile.open(at('cut.bin'))).rejects.toThrow('byte 8: the header says 10 tokens, but there are 5')
    truncateSync(at('cut.bin'), 100)
    await expect(TokenFile.open(at('cut.bin'))).rejects.toThrow('but there are 0')
    writeFileSync(at('odd.bin'), new Uint8Array(7))
    await expect(TokenFile.open(at('odd.bin'))).rejects.toThrow('7 bytes are no whole number of u16 tokens')
    await expect(TokenFile.open(at('odd.bin'), { dtype: 'u32' })).rejects.toMatchObject({ offset: 4 })
    writeFileSync(at('version.bin'), new Uint8Array(Uint32Array.of(20240520, 3, 0).buffer))
    await expect(TokenFile.open(at('version.bin'))).rejects.toThrow('version 3')
    writeFileSync(at('empty.bin'), '')
    expect((await TokenFile.open(at('empty.bin'))).length).toBe(0)
    await expect(TokenFile.open(at('empty.bin'), { dtype: 'i8' as never })).rejects.toThrow(`dtype is "i8"`)
  })
})

describe('tokenWindows', () => {
  it('in sequence: every token but the first of a file is predicted once', async () => {
    await writeTokens(at('a.bin'), [upTo(13)])
    await writeTokens(at('b.bin'), [upTo(9, 100)])
    await writeTokens(at('short.bin'), [[1]])
    const windows = await tokenWindows([at('a.bin'), at('short.bin'), at('b.bin')], { blockSize: 4 })
    expect(windows.length).toBe(5)
    const { tokens, targets } = await read(windows)
    expect(tokens).toEqual([upTo(4), upTo(4, 4), upTo(4, 8), upTo(4, 100), upTo(4, 104)])
    expect(targets).toEqual(tokens.map((row) => row.map((token) => token + 1)))
    const one = await windows.get(3, {} as never)
    expect([...one.tokens]).toEqual(upTo(4, 100))
  })

  it('by chance: the same for any batch size, order and workers, resumed at the very window', async () => {
    await writeTokens(at('a.bin'), [upTo(13)])
    await writeTokens(at('b.bin'), [upTo(9, 100)])
    const windows = await tokenWindows([at('a.bin'), at('b.bin')], { blockSize: 4, samples: 600 })
    const whole = await read(windows, { seed: 3 })
    expect(whole.tokens.length).toBe(600)
    // 9 places in the first file, 5 in the second: all of them, none that spans the two.
    const starts = whole.tokens.map((row) => row[0]!)
    expect([...new Set(starts)].sort((a, b) => a - b)).toEqual([...upTo(9), ...upTo(5, 100)])
    expect(whole.targets).toEqual(whole.tokens.map((row) => row.map((token) => token + 1)))
    expect(await read(windows, { seed: 3, batchSize: 7 })).toEqual(whole)
    expect(await read(windows, { seed: 3, batchSize: 50, workers: 2 })).toEqual(whole)
    expect((await read(windows, { seed: 3 }, 150)).tokens).toEqual(whole.tokens.slice(450))
    expect(await read(windows, { seed: 4 })).not.toEqual(whole)
    const random = (index: number) => ({ epoch: 0, random: { int: () => index } }) as never
    expect([...(await windows.get(0, random(9))).tokens]).toEqual(upTo(4, 100))
  })

  it('with documents: attention and targets end where they do', async () => {
    await writeTokens(at('documents.bin'), [[5, 6], [7], [8, 8, 8]], { separator: 0 })
    const windows = await tokenWindows(at('documents.bin'), { blockSize: 4, separator: 0 })
    const loader = new DataLoader<any>(windows, { batchSize: 2 })
    for await (const batch of loader) {
      expect(await batch.tokens.toArray()).toEqual([
        [5, 6, 0, 7],
        [0, 8, 8, 8],
      ])
      expect(await batch.targets.toArray()).toEqual([
        [6, 0, -100, 0],
        [-100, 8, 8, 0],
      ])
      expect(await batch.positions.toArray()).toEqual([
        [0, 1, 2, 0],
        [0, 0, 1, 2],
      ])
      expect(await batch.segments.toArray()).toEqual([
        [1, 1, 1, 2],
        [1, 2, 2, 2],
      ])
      expect(await batch.starts.toArray()).toEqual([0, 3, 4, 5, 8])
      disposeBatch(batch)
    }
  })

  it('refuses what has no window, and options that are none', async () => {
    await writeTokens(at('short.bin'), [[1, 2, 3]])
    await expect(tokenWindows(at('short.bin'), { blockSize: 3 })).rejects.toThrow(
      'a window needs 4 tokens (blockSize and one more), the longest of 1 files has 3',
    )
    await expect(tokenWindows([], { blockSize: 3 })).rejects.toThrow('of 0 files has 0')
    await expect(tokenWindows(at('short.bin'), { blockSize: 0 })).rejects.toThrow('blockSize is 0')
    await expect(tokenWindows(at('short.bin'), { blocksize: 3 } as never)).rejects.toThrow('did you mean "blockSize"?')
  })
})
