// kill -9 fifty times.
import { it } from 'vitest'
import { killAndCompare } from './kill.js'

it('killed fifty times and resumed, runs end with the bits of one that was left alone', () =>
  killAndCompare(50, 300, 2))
