// Streams: the order of files and records, compressed files, resuming, parts for workers; CSV, JSON Lines and text.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type CsvOptions,
  csvStream,
  DataLoader,
  jsonLinesStream,
  Random,
  RecordError,
  readCsv,
  textStream,
} from '#lib/data/index.js'
import { expandBraces } from '#lib/data/readers/braces.js'
import { damaged, survives } from './mutate.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sinter-streams-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function write(content: string | Uint8Array, ending = '.csv'): string {
  const path = join(folder, `${files++}${ending}`)
  writeFileSync(path, content)
  return path
}

const context = (epoch = 0) => ({ epoch, random: new Random(1, epoch) })

/** All samples, and in their places what is wrong with them. */
async function all<T>(stream: { iterate(c: ReturnType<typeof context>): AsyncIterable<T | RecordError> }, epoch = 0) {
  const found: (T | string)[] = []
  for await (const sample of stream.iterate(context(epoch))) {
    if (sample instanceof RecordError) found.push(`${sample.line ?? ''}@${sample.offset}: ${sample.reason}`)
    else found.push(sample)
  }
  return found
}

const csv = (content: string | Uint8Array, options?: CsvOptions, ending?: string) =>
  all(csvStream(write(content, ending), options))

describe('expandBraces', () => {
  it.each([
    ['a', ['a']],
    ['a{1..3}', ['a1', 'a2', 'a3']],
    ['{08..11}.tar', ['08.tar', '09.tar', '10.tar', '11.tar']],
    ['{2..0}', ['2', '1', '0']],
    ['{a,b}-{1..2}', ['a-1', 'a-2', 'b-1', 'b-2']],
    ['x{a}y', ['x{a}y']],
    ['{,b}', ['', 'b']],
  ])('%s', (pattern, names) => expect(expandBraces(pattern)).toEqual(names))

  it('refuses lists that are too long', () => {
    expect(() => expandBraces('{0..99999999}')).toThrow(/more than 1000000/)
    expect(() => expandBraces('{0..9999}{0..9999}')).toThrow(/more than 1000000/)
  })
})

describe('textStream and jsonLinesStream', () => {
  it('reads plain and compressed files, piece by piece', async () => {
    const lines = Array.from({ length: 4000 }, (_, i) => `${i} ${'ä漢🙂'.repeat(i % 40)}`)
    const content = lines.join('\r\n')
    expect(content.length).toBeGreaterThan(1 << 17)
    expect(await all(textStream([write(content), write(gzipSync(content), '.gz')]))).toEqual([...lines, ...lines])
    expect(await all(textStream(write('\ufeff\n a\n\n')))).toEqual([' a'])
  })

  it('names what cannot be read, and goes on behind it', async () => {
    const path = write(
      Buffer.concat([Buffer.from('1\n{"a":}\n'), Buffer.from([0x22, 0xff, 0x22, 10]), Buffer.from('"123456"\n2')]),
    )
    const found = await all(jsonLinesStream(path, { maxBytes: 7 }))
    expect(found[0]).toBe(1)
    expect(found[1]).toMatch(/^2@2: is not JSON: /)
    expect(found.slice(2)).toEqual(['3@9: is not valid utf-8 text', '4@13: is longer than maxBytes, 7', 2])
    const long = write(`${'x'.repeat(3_000_000)}\nok`)
    expect(await all(textStream(long, { maxBytes: 100 }))).toEqual(['1@0: is longer than maxBytes, 100', 'ok'])
  })

  it('ends a damaged gzip file in an error, and goes on with the next', async () => {
    const whole = gzipSync(Array.from({ length: 1000 }, (_, i) => `line ${i * i}`).join('\n'))
    const found = await all(textStream([write(whole.subarray(0, whole.length >> 1), '.gz'), write('next')]))
    expect(found.at(-2)).toMatch(/@\d+: cannot be decompressed further: unexpected end of file/)
    expect(found.at(-1)).toBe('next')
  })

  it('skips and counts in a loader', async () => {
    await using loader = new DataLoader(jsonLinesStream<number>(write('1\n2\n{\n4\n5')), {
      batchSize: 2,
      onError: 'skip',
    })
    const batches: unknown[] = []
    for await (const batch of loader) {
      batches.push(await batch.toArray())
      batch.dispose()
    }
    expect(batches).toEqual([[1, 2], [4], [5]])
    await using strict = new DataLoader(jsonLinesStream<number>(write('1\n{')), { batchSize: 2 })
    await expect(strict[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'DATA_RECORD',
      line: 2,
      offset: 2,
    })
  })
})

describe('FileStream', () => {
  const shards = () =>
    Array.from({ length: 6 }, (_, f) => write(Array.from({ length: 5 }, (_, i) => f * 5 + i).join('\n')))

  it('shuffles files and records, otherwise in each epoch, and goes on in the middle', async () => {
    const stream = jsonLinesStream<number>(shards(), { shuffleFiles: true, shuffleBuffer: 4 })
    const first = (await all(stream, 0)) as number[]
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i))
    expect(first).not.toEqual([...first].sort((a, b) => a - b))
    expect(await all(stream, 0)).toEqual(first)
    expect(await all(stream, 1)).not.toEqual(first)
    for (const n of [0, 1, 13, 30, 31]) {
      const rest: unknown[] = []
      for await (const sample of stream.iterateFrom(context(), n)) rest.push(sample)
      expect(rest).toEqual(first.slice(n))
    }
  })

  it.each([false, true])('gives every sample once, by workers (sharded: %s)', async (sharded) => {
    const paths = shards()
    const read = async (workers: number) => {
      await using loader = new DataLoader(jsonLinesStream<number>(paths, { shuffleFiles: true, sharded }), {
        batchSize: 4,
        workers,
      })
      const seen: number[] = []
      for await (const batch of loader) {
        seen.push(...((await batch.toArray()) as number[]))
        batch.dispose()
      }
      return seen
    }
    const [one, two] = [await read(0), await read(2)]
    expect([...two].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i))
    if (!sharded) expect(two).toEqual(one)
  })

  it('refuses to deal fewer files than there are readers', async () => {
    const stream = textStream([write('a')], { sharded: true })
    const iterator = stream.iterate({ ...context(), worker: 1, workers: 2 })
    await expect(iterator.next()).rejects.toThrow(/1 files cannot be dealt to 2 readers/)
  })

  it('refuses options that are not as described', async () => {
    expect(() => textStream('a', { shufleFiles: true } as object)).toThrow(/did you mean "shuffleFiles"/)
    expect(() => textStream('a', { shuffleBuffer: -1 })).toThrow(/shuffleBuffer is -1/)
    expect(() => textStream([])).toThrow(/no files/)
    await expect(all(textStream(join(folder, 'nowhere')))).rejects.toMatchObject({ code: 'DATA_FILE' })
  })
})

describe('csvStream', () => {
  it('gives columns their types', async () => {
    const content = 'id,size,name,ok\n1,2.5,"a, ""b""\nc",true\r\n2,NA,,F\n\n'
    const columns = { id: 'integer', size: 'number', name: 'text', ok: 'boolean' } as const
    expect(await csv(content, { columns })).toEqual([
      {
        id: { data: Int32Array.of(1), shape: [] },
        size: 2.5,
        name: 'a, "b"\nc',
        ok: { data: Int32Array.of(1), shape: [] },
      },
      {
        id: { data: Int32Array.of(2), shape: [] },
        size: Number.NaN,
        name: '',
        ok: { data: Int32Array.of(0), shape: [] },
      },
    ])
    expect(await csv(content, { columns: { name: 'text' } })).toEqual([{ name: 'a, "b"\nc' }, { name: '' }])
  })

  it('takes tabs, other delimiters and columns without names', async () => {
    expect(await csv('a\tb\n1\t2,3', {}, '.tsv')).toEqual([{ a: '1', b: '2,3' }])
    expect(await csv('a\tb\n1\t2', {}, '.x.TSV.gz'.replace('.gz', ''))).toEqual([{ a: '1', b: '2' }])
    expect(await csv('1;;2\n', { delimiter: ';;', header: false })).toEqual([{ 0: '1', 1: '2' }])
    expect(await csv('1,2\n', { header: ['x', 'y'] })).toEqual([{ x: '1', y: '2' }])
    expect(await csv('')).toEqual([])
    expect(await csv('a,b\n')).toEqual([])
    expect(await csv('\ufeffa\n1')).toEqual([{ a: '1' }])
  })

  it('names records that are malformed, each at the cost of its own line', async () => {
    const content = ['a,b', '1,2', '3', '4,5,6', '7,"x', '8,9', '10,"y"z', '11,u"v', 'p,q"r"', '12,13'].join('\n')
    expect(await csv(content)).toEqual([
      { a: '1', b: '2' },
      '3@8: 1 fields, expected 2',
      '4@10: 3 fields, expected 2',
      // Its quote is closed by the next one that is found, behind which something else follows.
      expect.stringMatching(/^5@16: /),
      { a: '8', b: '9' },
      '7@25: field 2: "z" follows a closing quote',
      expect.stringMatching(/^8@33: /),
      '9@40: field 2: a quote within a field that does not begin with one',
      { a: '12', b: '13' },
    ])
    const open = await csv(`a\n"${'x\n'.repeat(50)}`, { maxBytes: 20 })
    expect(open[0]).toBe('2@2: a quote is opened and not closed')
    expect(open.slice(1)).toEqual(Array(49).fill({ a: 'x' }))
  })

  it('names values that are not of their type', async () => {
    const columns = { n: 'integer', x: 'number', ok: 'boolean' } as const
    expect(await csv('n,x,ok\n1.5,1,0\n,1,0\n1,one,0\n1,1,maybe\n3000000000,1,1\n1,1e3,yes', { columns })).toEqual([
      `2@7: column 'n' is "1.5", expected a whole number of 32 bits`,
      `3@15: column 'n' is missing, expected integer`,
      `4@20: column 'x' is "one", expected a number`,
      `5@28: column 'ok' is "maybe", expected true or false`,
      `6@38: column 'n' is "3000000000", expected a whole number of 32 bits`,
      { n: { data: Int32Array.of(1), shape: [] }, x: 1000, ok: { data: Int32Array.of(1), shape: [] } },
    ])
  })

  it('agrees with csv-parse on what is well-formed', async () => {
    const pieces = ['a', '7', ' ', ',', '"', '\n', 'é', '\t', ';']
    for (let i = 0; i < 60; i++) {
      const random = new Random(i)
      const field = () => Array.from({ length: random.int(6) }, () => pieces[random.int(pieces.length)]).join('')
      const quoted = (text: string) =>
        /[",\n]/.test(text) || random.int(3) === 0 ? `"${text.replaceAll('"', '""')}"` : text
      const records = Array.from({ length: 8 }, () => Array.from({ length: 3 }, () => quoted(field())).join(','))
      const content = records.join('\n')
      const expected = (parse(content) as string[][]).map((fields) => ({ ...fields }))
      expect(await csv(content, { header: false, missing: [] })).toEqual(expected)
    }
  })

  it('refuses what cannot be meant', async () => {
    await expect(csv('a,b\n1,2', { columns: { c: 'text' } })).rejects.toThrow(/no column 'c'.*it has a, b/)
    await expect(csv('a,a\n1,2')).rejects.toThrow(/two columns 'a'/)
    expect(() => csvStream('x', { columns: { a: 'float' as never } })).toThrow(/column 'a' is "float", expected number/)
    expect(() => csvStream('x', { delimiter: '"' })).toThrow(/delimiter is/)
    expect(() => csvStream('x', { maxBytes: 0 })).toThrow(/maxBytes is 0/)
    expect(() => csvStream('x', { seperator: ';' } as object)).toThrow(/no such option: 'seperator'/)
  })

  it('survives damage', async () => {
    const content = Buffer.from('id,text\n1,"a ""b"" c"\n2,\n3,"x\ny"\n')
    for (const bytes of damaged(content, 200))
      await csv(bytes, { columns: {}, header: true }).catch((e) => expect(e.code).toBe('DATA_FILE'))
    await survives(gzipSync(content), 100, (bytes) => csv(bytes, { header: false }))
  })
})

describe('readCsv', () => {
  it('gives whole columns', async () => {
    const path = write('age,job\n31,cook\n,NA\n40,"x"\n')
    const table = await readCsv(path, { columns: { job: 'text', age: 'number' } })
    expect(table).toEqual({ job: ['cook', null, 'x'], age: Float64Array.of(31, Number.NaN, 40) })
    expect(await readCsv(write('a,b\n'), { columns: { a: 'number', b: 'text' } })).toEqual({
      a: new Float64Array(0),
      b: [],
    })
    await expect(readCsv(write('a\n1\nx'), { columns: { a: 'number' } })).rejects.toMatchObject({ line: 3, offset: 4 })
  })
})
