import { expect, test } from 'vitest'
import { arange, scope, zeros } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './strided.spec.js'

testOps(specs)

test('rows copied to where page offsets are nearly equal, of every length', () => {
  scope(() => {
    // Rows of 16 KB: the second one's elements lie `shift` elements further in their page than the first one's.
    const width = 4096
    for (const shift of [1, 2, 7, 16, 31]) {
      for (const n of [1, 100, 127, 128, 129, 1000, 4000, width - shift]) {
        const rows = zeros([2, width])
        const line = arange(n).add(1)
        rows.setAt_([0, { end: n }], line)
        rows.setAt_([1, { start: shift, end: shift + n }], rows.atSync(0, { end: n }))
        const expected = new Float64Array(width)
        for (let i = 0; i < n; i++) expected[shift + i] = i + 1
        expect({ shift, n, row: numbers(rows.atSync(1)) }).toEqual({ shift, n, row: expected })
      }
    }
  })
})
