/** Rotary position embeddings: lib/ops/rotary.ts. */
import type { RotaryOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { FLOATS, type Input, type OpSpec } from '../opspec/spec.js'

interface Args extends Omit<RotaryOptions, 'positions'> {
  places: number
  width: number
  /** x is a view of (b, t, h, d), as a layer makes it. */
  rows?: boolean
}

const rotary: OpSpec<Args> = {
  name: 'rotaryEmbedding, rotaryTable',
  ops: ['rotary'],
  dtypes: FLOATS,
  *samples(s) {
    const positions = (of: number[], shape: readonly number[]): Input => ({
      ...s.given(of, shape),
      dtype: 'i64',
      ordered: true,
    })
    yield { inputs: [s.values([1, 1, 1, 2]), null], args: { places: 1, width: 2 } }
    yield { inputs: [s.values([2, 3, 5, 8]), null], args: { places: 9, width: 8, offset: 4 } }
    yield { inputs: [s.values([2, 3, 5, 8]), null], args: { places: 5, width: 8, interleaved: true } }
    // A part of the row turns.
    yield { inputs: [s.values([2, 5, 3, 7]), null], args: { places: 5, width: 6, rows: true } }
    yield { inputs: [s.values([1, 5, 2, 9]), null], args: { places: 5, width: 4, rows: true, interleaved: true } }
    yield { inputs: [s.values([1, 2, 3, 4]), null], args: { places: 5, width: 0 } }
    yield { inputs: [s.values([2, 2, 3, 4]), positions([6, 0, 2], [3])], args: { places: 7, width: 4 } }
    yield { inputs: [s.values([2, 2, 3, 4]), positions([6, 0, 2, 1, 1, 5], [2, 3])], args: { places: 7, width: 4 } }
    yield { inputs: [s.values([2, 0, 3, 4]), null], args: { places: 7, width: 4 } }
    yield { inputs: [s.values([2, 60, 4, 70]), null], args: { places: 60, width: 70, rows: true }, large: true }
  },
  call: ([x, positions], { places, width, rows, ...options }, device) => {
    const dtype = (x as Tensor).dtype === 'f64' ? 'f64' : 'f32'
    const [cosines, sines] = ops.rotaryTable(places, width, { dtype, device })
    const own = rows ? (x as Tensor).permute([0, 2, 1, 3]) : (x as Tensor)
    return ops.rotaryEmbedding(own, cosines, sines, { ...options, ...(positions ? { positions } : {}) })
  },
  accuracy: { roundings: 6, magnitude: 'norm' },
  gradient: { roundings: 8 },
  errors: {
    shapes: {
      call: (device) => {
        const [cosines, sines] = ops.rotaryTable(3, 8, { device })
        return ops.rotaryEmbedding(ops.zeros([1, 2, 3, 4], { device }), cosines, sines)
      },
      code: 'SINTER_SHAPE',
      message:
        'rotaryEmbedding: takes x (b, h, t, d) and two tables (positions, r / 2) with r <= d, got (1, 2, 3, 4), (3, 4), (3, 4)',
    },
    table: {
      call: (device) => {
        const [cosines, sines] = ops.rotaryTable(3, 4, { device, dtype: 'f64' })
        return ops.rotaryEmbedding(ops.zeros([1, 2, 3, 4], { device }), cosines, sines)
      },
      code: 'SINTER_DTYPE',
      message: 'rotaryEmbedding: a f64 table for f32, expected f32',
    },
    positions: {
      call: (device) => {
        const [cosines, sines] = ops.rotaryTable(3, 4, { device })
        const positions = ops.zeros([2], { device, dtype: 'i64' })
        return ops.rotaryEmbedding(ops.zeros([1, 2, 3, 4], { device }), cosines, sines, { positions })
      },
      code: 'SINTER_SHAPE',
      message: 'rotaryEmbedding: takes positions (t) or (b, t) for (1, 2, 3, 4), got (2)',
    },
  },
}

export const specs: readonly OpSpec[] = [rotary]
