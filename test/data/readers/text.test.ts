// Lines, paragraphs, files of text and JSON Lines: where records begin and end, and those that cannot be read.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DataLoader, jsonLines, RecordError, type TextLinesOptions, textFiles, textLines } from '#lib/data/index.js'
import { damaged, survives } from './mutate.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sinter-text-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function write(content: string | Uint8Array): string {
  const path = join(folder, `${files++}.txt`)
  writeFileSync(path, content)
  return path
}

/** All samples, or in their place what is wrong with them. */
async function all<T>(data: { length: number; get(i: number): Promise<T> }): Promise<(T | string)[]> {
  const wrong = (error: unknown) => {
    if (error instanceof RecordError) return `${error.offset}: ${error.reason}`
    throw error
  }
  return Promise.all(Array.from({ length: data.length }, (_, i) => data.get(i).catch(wrong)))
}

const lines = async (content: string | Uint8Array, options?: TextLinesOptions) =>
  all(await textLines(write(content), options))

describe('textLines', () => {
  it.each([
    ['', [], []],
    ['\n', [], ['']],
    ['a', ['a'], ['a']],
    ['a\n', ['a'], ['a']],
    ['a\r\nb \r\n', ['a', 'b '], ['a', 'b ']],
    ['\n\na\n\n \nb', ['a', 'b'], ['', '', 'a', '', ' ', 'b']],
    ['\ufeffa\nb', ['a', 'b'], ['a', 'b']],
    ['\ufeff', [], []],
    ['ä\n漢字\n🙂', ['ä', '漢字', '🙂'], ['ä', '漢字', '🙂']],
  ])('splits %j', async (content, filled, kept) => {
    expect(await lines(content)).toEqual(filled)
    expect(await lines(content, { keepBlank: true })).toEqual(kept)
  })

  it('joins paragraphs', async () => {
    expect(await lines('\n\na\nb\n\n \t\nc\n\n\nd\r\n', { by: 'paragraph' })).toEqual(['a\nb', 'c', 'd'])
    expect(await lines('', { by: 'paragraph' })).toEqual([])
  })

  it('finds lines that cross the pieces in which the file is read', async () => {
    const expected = Array.from({ length: 300 }, (_, i) => String(i).repeat(1000 + i))
    expect(await lines(expected.join('\n'))).toEqual(expected)
    const long = ['x'.repeat(700_000), 'y']
    expect(await lines(long.join('\n'))).toEqual(long)
  })

  it('names lines that are too long or not in the encoding', async () => {
    const bytes = Buffer.concat([Buffer.from('good\n'), Buffer.from([0xff, 0xe4, 10]), Buffer.from('12345\n')])
    expect(await lines(bytes, { maxBytes: 4 })).toEqual([
      'good',
      '5: is not valid utf-8 text',
      '8: is longer than maxBytes, 4',
    ])
    expect(await lines(bytes, { encoding: 'latin1' })).toEqual(['good', 'ÿä', '12345'])
    expect(await lines('1234\r\n\n\n\n1234', { maxBytes: 4 })).toEqual(['1234', '1234'])
    expect(await lines('12\n34\n\nab', { maxBytes: 5, by: 'paragraph' })).toEqual([
      '0: is longer than maxBytes, 5',
      'ab',
    ])
  })

  it('refuses what it cannot read', async () => {
    const refuses = (path: string, options?: object) => expect(textLines(path, options)).rejects
    await refuses(join(folder, 'nowhere')).toMatchObject({ code: 'DATA_FILE' })
    await refuses(folder).toThrow(/is not a file/)
    await refuses(write(gzipSync('a'))).toThrow(/is compressed/)
    await refuses(write('a'), { by: 'word' }).toThrow(/by is "word"/)
    await refuses(write('a'), { encoding: 'utf8' }).toThrow(/encoding is "utf8"/)
    await refuses(write('a'), { maxBytes: 0 }).toThrow(/maxBytes is 0/)
    await refuses(write('a'), { keepBlanks: true }).toThrow(/did you mean "keepBlank"/)
    await expect((await textLines(write('a'))).get(1)).rejects.toThrow(/record 1 of .*, which has 1/)
  })

  it('survives damage', async () => {
    const text = Buffer.from('ein\n\nzwei\r\n\ndréi\n')
    for (const by of ['line', 'paragraph'] as const)
      await survives(text, 120, async (bytes) => all(await textLines(write(bytes), { by })))
  })
})

describe('jsonLines', () => {
  it.each([0, 2])('gives values in any order, with %i workers', async (workers) => {
    const path = write(Array.from({ length: 20 }, (_, i) => JSON.stringify({ text: `t${i}`, n: i })).join('\n\n'))
    const data = await jsonLines<{ text: string; n: number }>(path)
    await using loader = new DataLoader(data, { batchSize: 6, shuffle: true, workers })
    const seen: [string, number][] = []
    for await (const { text, n } of loader) {
      const numbers = (await n.toArray()) as number[]
      seen.push(...text.map((t, i): [string, number] => [t, numbers[i] as number]))
      n.dispose()
    }
    expect(seen.every(([text, n]) => text === `t${n}`)).toBe(true)
    expect(seen.map(([, n]) => n).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it('names the line that is not JSON, and reads those beside it', async () => {
    const values = await all(await jsonLines(write('1\n{"a": }\n\n[2]\n{"b"')))
    expect(values[0]).toBe(1)
    expect(values[1]).toMatch(/^2: is not JSON: /)
    expect(values[2]).toEqual([2])
    expect(values[3]).toMatch(/^15: is not JSON: /)
  })

  it('does not go on with a file that has changed', async () => {
    const path = write('1\n2\n')
    const data = await jsonLines(path)
    appendFileSync(path, '3\n')
    await expect(jsonLines(...(data.args as Parameters<typeof jsonLines>))).rejects.toThrow(/has changed/)
  })

  it('survives damage', async () => {
    const text = Buffer.from('{"a": [1, 2], "b": "x\\n"}\n{"a": null}\n')
    for (const bytes of damaged(text, 200)) await all(await jsonLines(write(bytes)))
  })
})

describe('textFiles', () => {
  it('gives each file below a folder', async () => {
    const root = join(folder, 'files')
    mkdirSync(join(root, 'deep'), { recursive: true })
    writeFileSync(join(root, 'b.txt'), '\ufeffB\n')
    writeFileSync(join(root, 'deep/a.txt.gz'), gzipSync('A'))
    writeFileSync(join(root, 'c.TXT'), Buffer.from([0xff]))
    writeFileSync(join(root, 'd.md'), 'no')
    const data = await textFiles(root)
    expect(data.length).toBe(3)
    expect(await data.get(0)).toBe('B\n')
    await expect(data.get(1)).rejects.toThrow(/c\.TXT: is not valid utf-8 text/)
    expect(await data.get(2)).toBe('A')
    expect(await (await textFiles(root, { extensions: ['.md'] })).get(0)).toBe('no')
    await expect(textFiles(root, { extensions: ['.xml'] })).rejects.toThrow(/no files ending in \.xml/)
  })
})
