/** Products as text. */
import { describe, expect, it } from 'vitest'
import { formatProduct, parseProduct } from '#lib/engine/product-shape.js'
import { ValueError } from '#lib/index.js'
import { DEFAULT_PRODUCTS } from '#lib/tune/tune.js'

const plain = { dtype: 'f32', transposedA: false, transposedB: false, packed: false, batch: 1 }

describe('a product', () => {
  it.each([
    ['512x3072x768', { ...plain, m: 512, n: 3072, k: 768 }, 'f32:512x3072x768'],
    ['nn:1x2x3', { ...plain, m: 1, n: 2, k: 3 }, 'f32:1x2x3'],
    ['nt:8x50257x768', { ...plain, transposedB: true, m: 8, n: 50257, k: 768 }, 'f32:nt:8x50257x768'],
    ['f64:tn:5x6x7', { ...plain, dtype: 'f64', transposedA: true, m: 5, n: 6, k: 7 }, 'f64:tn:5x6x7'],
    [
      'f16:tt:5x6x7',
      { ...plain, dtype: 'f16', transposedA: true, transposedB: true, m: 5, n: 6, k: 7 },
      'f16:tt:5x6x7',
    ],
    ['bf16:packed:4x5x6', { ...plain, dtype: 'bf16', packed: true, m: 4, n: 5, k: 6 }, 'bf16:packed:4x5x6'],
    ['96x256x256x64', { ...plain, batch: 96, m: 256, n: 256, k: 64 }, 'f32:96x256x256x64'],
    ['1x4x5x6', { ...plain, m: 4, n: 5, k: 6 }, 'f32:4x5x6'],
  ])('%s is read and written', (text, shape, canonical) => {
    expect(parseProduct(text)).toEqual(shape)
    expect(formatProduct(parseProduct(text))).toBe(canonical)
    expect(parseProduct(canonical)).toEqual(shape)
  })

  it.each([
    '',
    '4x5',
    '4x5x6x7x8',
    '4x0x6',
    '4x-5x6',
    '4x5.5x6',
    '4x5x1e3',
    '4x5x2147483648',
    '4xx6',
    ' 4x5x6',
    'i32:4x5x6',
    'nt:f32:4x5x6',
    'nt:nt:4x5x6',
    'packed:2x4x5x6',
    'f32:4x5x6:nt',
  ])('"%s" is none', (text) => {
    expect(() => parseProduct(text)).toThrow(ValueError)
    expect(() => parseProduct(text)).toThrow(`"${text}"`)
  })

  it('of the default set is one, and there once', () => {
    const names = DEFAULT_PRODUCTS.map((text) => formatProduct(parseProduct(text)))
    expect(new Set(names).size).toBe(names.length)
  })
})
