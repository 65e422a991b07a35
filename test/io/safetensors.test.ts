// The safetensors format against malformed input: every mistake is refused with its own code, and no input crashes.
import { describe, expect, it } from 'vitest'
import { Random } from '#lib/data/random.js'
import { layoutSafetensors, parseSafetensorsHeader, SafetensorsError } from '#lib/io/safetensors.js'

/** A file from a header's text and so many bytes of data. */
function file(header: string, dataBytes = 0, claimed?: bigint): Uint8Array {
  const json = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + json.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}

function entry(dtype: string, shape: string, offsets: string): string {
  return `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`
}

function errorOf(bytes: Uint8Array, size = bytes.byteLength): SafetensorsError {
  try {
    parseSafetensorsHeader(bytes, size, 'model.safetensors')
  } catch (error) {
    expect(error).toBeInstanceOf(SafetensorsError)
    return error as SafetensorsError
  }
  throw new Error('the file was accepted')
}

describe('parseSafetensorsHeader', () => {
  it('reads names, dtypes, shapes, offsets and metadata', () => {
    const text = `{"__metadata__":{"format":"pt"},"b":${entry('F32', '[2,3]', '[0,24]')},"a":${entry('U8', '[]', '[24,25]')}}`
    const header = parseSafetensorsHeader(file(text, 25))
    expect([...header.tensors.keys()]).toEqual(['b', 'a'])
    const start = header.dataStart
    expect(header.tensors.get('b')).toEqual({ name: 'b', dtype: 'F32', shape: [2, 3], begin: start, end: start + 24 })
    expect(header.metadata.get('format')).toBe('pt')
  })

  it('takes an empty file, empty tensors, and padding behind the header', () => {
    expect(parseSafetensorsHeader(file('{}')).tensors.size).toBe(0)
    const empty = `{"e":${entry('F64', '[0,7]', '[0,0]')}}   \n`
    expect(parseSafetensorsHeader(file(empty)).tensors.get('e')?.shape).toEqual([0, 7])
  })

  it('takes a tensor named __proto__ as a name like any other', () => {
    const header = parseSafetensorsHeader(file(`{"__proto__":${entry('U8', '[1]', '[0,1]')}}`, 1))
    expect([...header.tensors.keys()]).toEqual(['__proto__'])
  })

  const f4 = entry('F32', '[1]', '[0,4]')
  it.each<[string, string, Uint8Array]>([
    ['a file of 3 bytes', 'SAFETENSORS_TRUNCATED', new Uint8Array(3)],
    ['a header longer than the file', 'SAFETENSORS_TRUNCATED', file('{}', 0, 100n)],
    ['a header length beyond the limit', 'SAFETENSORS_HEADER_TOO_LARGE', file('{}', 0, 100_000_001n)],
    ['a header length that overflows', 'SAFETENSORS_HEADER_TOO_LARGE', file('{}', 0, 2n ** 64n - 1n)],
    ['an empty header', 'SAFETENSORS_HEADER_INVALID', file('')],
    ['a header that does not begin with {', 'SAFETENSORS_HEADER_INVALID', file(' {}')],
    ['JSON cut short', 'SAFETENSORS_HEADER_INVALID', file('{"a":')],
    ['text behind the header object', 'SAFETENSORS_HEADER_INVALID', file('{} x')],
    ['invalid UTF-8', 'SAFETENSORS_HEADER_INVALID', Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0xfe, 0x7d)],
    ['nesting without end', 'SAFETENSORS_HEADER_INVALID', file(`{"a":${'['.repeat(100_000)}`)],
    ['an entry that is no object', 'SAFETENSORS_HEADER_INVALID', file('{"a":3}')],
    [
      'an unknown field',
      'SAFETENSORS_HEADER_INVALID',
      file('{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1],"x":1}}', 1),
    ],
    ['a tensor twice', 'SAFETENSORS_DUPLICATE_KEY', file(`{"a":${f4},"a":${f4}}`, 4)],
    ['a tensor twice, once escaped', 'SAFETENSORS_DUPLICATE_KEY', file(`{"a":${f4},"\\u0061":${f4}}`, 4)],
    ['metadata that is no object', 'SAFETENSORS_METADATA_INVALID', file('{"__metadata__":[]}')],
    ['metadata that is no text', 'SAFETENSORS_METADATA_INVALID', file('{"__metadata__":{"a":1}}')],
    ['an unknown dtype', 'SAFETENSORS_DTYPE_UNKNOWN', file(`{"a":${entry('F7', '[1]', '[0,4]')}}`, 4)],
    [
      'a dtype from the prototype',
      'SAFETENSORS_DTYPE_UNKNOWN',
      file(`{"a":${entry('constructor', '[1]', '[0,4]')}}`, 4),
    ],
    ['no dtype', 'SAFETENSORS_DTYPE_UNKNOWN', file('{"a":{"shape":[1],"data_offsets":[0,4]}}', 4)],
    ['a negative dimension', 'SAFETENSORS_SHAPE_INVALID', file(`{"a":${entry('F32', '[-1]', '[0,4]')}}`, 4)],
    ['a dimension with a fraction', 'SAFETENSORS_SHAPE_INVALID', file(`{"a":${entry('F32', '[1.0]', '[0,4]')}}`, 4)],
    ['a dimension with an exponent', 'SAFETENSORS_SHAPE_INVALID', file(`{"a":${entry('F32', '[1e0]', '[0,4]')}}`, 4)],
    [
      'a dimension beyond 2^53',
      'SAFETENSORS_SHAPE_INVALID',
      file(`{"a":${entry('F32', '[9007199254740993]', '[0,4]')}}`, 4),
    ],
    [
      'more dimensions than tensors have',
      'SAFETENSORS_SHAPE_INVALID',
      file(`{"a":${entry('F32', `[${'1,'.repeat(16)}1]`, '[0,4]')}}`, 4),
    ],
    ['one offset', 'SAFETENSORS_OFFSETS_INVALID', file(`{"a":${entry('F32', '[1]', '[0]')}}`, 4)],
    ['offsets the wrong way round', 'SAFETENSORS_OFFSETS_INVALID', file(`{"a":${entry('F32', '[1]', '[4,0]')}}`, 4)],
    ['a negative offset', 'SAFETENSORS_OFFSETS_INVALID', file(`{"a":${entry('F32', '[1]', '[-4,0]')}}`, 4)],
    [
      'a shape whose size overflows',
      'SAFETENSORS_SIZE_MISMATCH',
      file(`{"a":${entry('F32', '[4294967296,4294967296,4]', '[0,0]')}}`),
    ],
    ['a size that is not the shape’s', 'SAFETENSORS_SIZE_MISMATCH', file(`{"a":${entry('F32', '[2]', '[0,4]')}}`, 4)],
    ['data outside the file', 'SAFETENSORS_OUT_OF_FILE', file(`{"a":${entry('F32', '[2]', '[0,8]')}}`, 4)],
    ['overlapping tensors', 'SAFETENSORS_OVERLAP', file(`{"a":${f4},"b":${entry('F32', '[1]', '[2,6]')}}`, 6)],
    ['two tensors on the same bytes', 'SAFETENSORS_OVERLAP', file(`{"a":${f4},"b":${f4}}`, 4)],
    ['a hole between tensors', 'SAFETENSORS_HOLE', file(`{"a":${f4},"b":${entry('F32', '[1]', '[8,12]')}}`, 12)],
    ['a hole before the first', 'SAFETENSORS_HOLE', file(`{"a":${entry('F32', '[1]', '[4,8]')}}`, 8)],
    ['bytes behind the last', 'SAFETENSORS_HOLE', file(`{"a":${f4}}`, 5)],
  ])('refuses %s', (_, code, bytes) => {
    expect(errorOf(bytes).code).toBe(code)
  })

  it('names file and tensor, what was found and what is expected', () => {
    const error = errorOf(file(`{"layer.weight":${entry('F32', '[2,3]', '[0,20]')}}`, 20))
    expect(error.message).toBe(
      'model.safetensors: tensor "layer.weight": F32 of shape (2, 3) needs 24 bytes, data_offsets [0, 20] hold 20',
    )
    expect([error.file, error.tensor]).toEqual(['model.safetensors', 'layer.weight'])
  })

  it('survives random damage: a result or a typed error, nothing else', () => {
    const items = [
      { name: 'weight', dtype: 'F32', shape: [3, 5] },
      { name: 'bias', dtype: 'BF16', shape: [7] },
      { name: 'flags', dtype: 'BOOL', shape: [2, 2] },
    ] as const
    const { header } = layoutSafetensors(items, { format: 'pt', note: 'fuzz "me"' })
    const good = new Uint8Array(header.length + 60 + 14 + 4)
    good.set(header)
    expect(parseSafetensorsHeader(good).tensors.size).toBe(3)
    const random = new Random(1)
    const codes = new Set<string>()
    for (let round = 0; round < 20_000; round++) {
      let bytes = good.slice()
      for (let flips = 1 + random.int(3); flips > 0; flips--) {
        const at = random.int(random.uniform() < 0.9 ? header.length : bytes.length)
        bytes[at] = random.uniform() < 0.5 ? random.int(256) : (bytes[at] as number) ^ (1 << random.int(8))
      }
      if (random.uniform() < 0.2) bytes = bytes.slice(0, random.int(bytes.length + 1))
      try {
        for (const { begin, end } of parseSafetensorsHeader(bytes).tensors.values()) {
          expect(begin >= 0 && end <= bytes.length && begin <= end).toBe(true)
        }
      } catch (error) {
        if (!(error instanceof SafetensorsError)) throw error
        codes.add(error.code)
      }
    }
    expect(codes.size).toBeGreaterThan(6)
  })
})

describe('layoutSafetensors', () => {
  it('puts wider elements first, then sorts by name, and aligns the data to 8 bytes', () => {
    const items = [
      { name: 'b', dtype: 'F32', shape: [1] },
      { name: 'u', dtype: 'U8', shape: [3] },
      { name: 'a', dtype: 'F32', shape: [2] },
      { name: 'i', dtype: 'I64', shape: [] },
    ] as const
    const { header, order } = layoutSafetensors(items)
    expect(order.map(({ name }) => name)).toEqual(['i', 'a', 'b', 'u'])
    expect(header.length % 8).toBe(0)
    const parsed = parseSafetensorsHeader(header, header.length + 8 + 8 + 4 + 3)
    for (const { begin, dtype } of parsed.tensors.values()) expect(begin % (dtype === 'I64' ? 8 : 4)).toBe(0)
  })
})
