/** Views and rearrangements: lib/ops/views.ts, axes.ts, split.ts, join.ts, rearrange.ts, repeat.ts, pad.ts, diagonals.ts, grids.ts. */
import * as ops from '#lib/index.js'
import {
  ALL,
  ANY,
  along,
  axisOf,
  byAxis,
  call,
  type Entry,
  entry,
  FLOATS,
  NUMBERS,
  partner,
  shaped,
  unary,
} from '../draw.js'
import { type Draw, filledShape, operand, randomShape } from '../tensors.js'

const some = (r: Draw, n: number): number => r.int(-n - 1, n + 2)
const two = (r: Draw, shape: readonly number[]): [number, number] => [axisOf(r, shape), axisOf(r, shape)]

export const views: readonly Entry[] = [
  ...unary('ravel atleast1d atleast2d atleast3d squeeze', ANY),
  shaped('t', ANY, () => ops.t, { rank: [0, 2] }),
  shaped('adjoint', ANY, () => ops.adjoint, { rank: [2, 4] }),
  shaped('fliplr, flipud', ANY, (r) => r.pick([ops.fliplr, ops.flipud]), { rank: [2, 4] }),
  ...byAxis('unsqueeze flatten squeeze flip', ANY),
  shaped(
    'transpose, swapaxes',
    ANY,
    (r, shape) => {
      const [f, [a, b]] = [r.pick([ops.transpose, ops.swapaxes]), two(r, shape)]
      return (x) => f(x, a, b)
    },
    { rank: [1, 5] },
  ),
  shaped(
    'movedim, moveaxis',
    ANY,
    (r, shape) => {
      const f = r.pick([ops.movedim, ops.moveaxis])
      const [a, b] = r.chance(2)
        ? two(r, shape)
        : [r.order(shape.length).slice(0, 2), r.order(shape.length).slice(0, 2)]
      return (x) => f(x, a, b)
    },
    { rank: [1, 5] },
  ),
  shaped('permute', ANY, (r, shape) => {
    const axes = r.order(shape.length)
    return (x) => ops.permute(x, axes)
  }),
  shaped('reshape', ANY, (r, shape) => {
    const to = r.order(shape.length).map((i) => shape[i] as number)
    if (r.chance(3)) to.push(-1)
    if (r.chance(30)) to.push(2)
    return (x) => ops.reshape(x, to)
  }),
  shaped(
    'unflatten',
    ANY,
    (r, shape) => {
      const axis = axisOf(r, shape)
      const n = shape.at(axis) ?? 1
      const k = r.pick([1, 2, 3].filter((d) => n % d === 0))
      return (x) => ops.unflatten(x, axis, [k, n / k])
    },
    { rank: [1, 4] },
  ),
  shaped(
    'expand, broadcastTo',
    ANY,
    (r, shape) => {
      const f = r.pick([ops.expand, ops.broadcastTo])
      const to = [...r.ints(r.int(0, 2), 0, 3), ...shape.map((d, i) => (d === 1 && i < 3 ? r.int(0, 4) : d))]
      return (x) => f(x, to)
    },
    { rank: [0, 4] },
  ),
  entry('viewAs, reshapeAs, expandAs, broadcastTensors', (r) => {
    const shape = randomShape(r, 4, 200)
    const dtype = r.pick(ALL)
    const f = r.pick([
      (x: ops.Tensor, y: ops.Tensor) => ops.viewAs(x, y),
      (x: ops.Tensor, y: ops.Tensor) => ops.reshapeAs(x, y),
      (x: ops.Tensor, y: ops.Tensor) => ops.expandAs(y, x),
      (x: ops.Tensor, y: ops.Tensor) => ops.broadcastTensors(x, y),
    ])
    const other = r.chance(2) ? r.order(shape.length).map((i) => shape[i] as number) : partner(r, shape)
    return call([operand(r, shape, dtype), operand(r, other, dtype)], f)
  }),
  along('slice', ANY, (r, n) => {
    const [start, end] = [some(r, n), r.chance(4) ? null : some(r, n)]
    const step = r.int(1, 4) * (r.chance(4) ? -1 : 1)
    return (x, axis) => ops.slice(x, axis, start, end, step)
  }),
  along('narrow', ANY, (r, n) => {
    const start = r.int(0, n + 1)
    const length = r.int(0, n - start + (r.chance(30) ? 3 : 1))
    return (x, axis) => ops.narrow(x, axis, start, length)
  }),
  along('select', ANY, (r, n) => {
    const at = r.int(-n, Math.max(1, n)) + (r.chance(30) ? n : 0)
    return (x, axis) => ops.select(x, axis, at)
  }),
  along('unfoldAxis', ANY, (r, n) => {
    const [size, step] = [r.int(0, n + 1), r.int(1, 4)]
    return (x, axis) => ops.unfoldAxis(x, axis, size, step)
  }),
  shaped('asStrided', ANY, (r) => {
    const [shape, strides, offset] = [[r.int(1, 4), r.int(0, 4)], r.ints(2, 0, 4), r.int(0, 3)]
    return (x) => ops.asStrided(x.contiguous(), shape, strides, offset)
  }),
  shaped(
    'diagonal',
    ANY,
    (r, shape) => {
      const [offset, axes] = [r.int(-3, 4), two(r, shape)]
      return (x) => ops.diagonal(x, { offset, axes })
    },
    { rank: [2, 4] },
  ),
  shaped(
    'diagEmbed, diag, diagflat',
    ALL,
    (r) => {
      const [f, offset] = [
        r.pick([(x: ops.Tensor, k: number) => ops.diagEmbed(x, { offset: k }), ops.diag, ops.diagflat]),
        r.int(-2, 3),
      ]
      return (x) => f(x, offset)
    },
    { rank: [0, 2] },
  ),
  shaped(
    'tril, triu',
    ANY,
    (r) => {
      const [f, k] = [r.pick([ops.tril, ops.triu]), r.int(-3, 4)]
      return (x) => f(x, k)
    },
    { rank: [1, 4] },
  ),
  along('chunk', ANY, (r) => {
    const k = r.int(r.chance(30) ? 0 : 1, 5)
    return (x, axis) => ops.chunk(x, k, axis)
  }),
  along('split', ANY, (r) => {
    const k = r.int(r.chance(30) ? 0 : 1, 5)
    return (x, axis) => ops.split(x, k, axis)
  }),
  along('split, splitWithSizes', ANY, (r, n) => {
    const [f, k] = [r.pick([ops.split, ops.splitWithSizes]), r.int(0, n + 1)]
    const sizes = [k, n - k + (r.chance(30) ? 1 : 0)]
    return (x, axis) => f(x, sizes, axis)
  }),
  along('tensorSplit', ANY, (r, n) => {
    const at = r.chance(2) ? r.int(1, 4) : r.ints(2, 0, n + 2)
    return (x, axis) => ops.tensorSplit(x, at, axis)
  }),
  shaped(
    'hsplit, vsplit, dsplit',
    ALL,
    (r) => {
      const [f, at] = [r.pick([ops.hsplit, ops.vsplit, ops.dsplit]), r.chance(2) ? r.int(1, 3) : r.ints(2, 0, 4)]
      return (x) => f(x, at)
    },
    { rank: [2, 4] },
  ),
  entry('concat, hstack, vstack, dstack', (r) => {
    const shape = randomShape(r, 4, 100, 1)
    const axis = axisOf(r, shape)
    const f = r.chance(3)
      ? r.pick([ops.hstack, ops.vstack, ops.dstack])
      : (list: ops.Tensor[]) => ops.concat(list, axis)
    const grown = (axis + shape.length) % shape.length
    const dtype = r.pick(ANY)
    const inputs = r.ints(r.int(1, 4), 0, 5).map((n) =>
      operand(
        r,
        shape.map((d, i) => (i === grown ? n : d)),
        r.chance(8) ? r.pick(ANY) : dtype,
      ),
    )
    return call(inputs, (...list) => f(list))
  }),
  entry('stack, columnStack', (r) => {
    const shape = randomShape(r, 4, 100)
    const axis = r.int(-shape.length - 1, shape.length + 1)
    const f = r.chance(4) ? ops.columnStack : (list: ops.Tensor[]) => ops.stack(list, axis)
    const dtype = r.pick(ANY)
    return call(
      r.ints(r.int(1, 4), 0, 1).map(() => operand(r, shape, dtype)),
      (...list) => f(list),
    )
  }),
  entry('blockDiag, cartesianProd, meshgrid', (r) => {
    const dtype = r.pick(NUMBERS)
    const indexing = r.pick(['ij', 'xy'] as const)
    const f = r.pick([ops.blockDiag, ops.cartesianProd, (...list: ops.Tensor[]) => ops.meshgrid(list, { indexing })])
    return call(
      r.ints(r.int(1, 4), 0, 5).map((n) => operand(r, r.chance(9) ? [] : [n], dtype)),
      (...list) => f(...list),
    )
  }),
  shaped(
    'combinations',
    NUMBERS,
    (r) => {
      const [k, withReplacement] = [r.int(0, 4), r.chance(2)]
      return (x) => ops.combinations(x.narrow(0, 0, Math.min(x.numel, 7)), k, { withReplacement })
    },
    { rank: [1, 1] },
  ),
  shaped(
    'vander',
    FLOATS,
    (r) => {
      const [n, increasing] = [r.int(0, 5), r.chance(2)]
      return (x) => ops.vander(x, { n, increasing })
    },
    { rank: [1, 1], power: 4, roundings: 12 },
  ),
  shaped('roll', ANY, (r, shape) => {
    const shift = r.int(-9, 10)
    const axis = r.chance(3) ? undefined : axisOf(r, shape)
    return (x) => ops.roll(x, shift, axis)
  }),
  shaped(
    'rot90',
    ANY,
    (r, shape) => {
      const [times, axes] = [r.int(-5, 6), two(r, shape)]
      return (x) => ops.rot90(x, times, axes)
    },
    { rank: [2, 4] },
  ),
  shaped(
    'repeat, tile',
    ALL,
    (r, shape) => {
      const [f, counts] = [r.pick([ops.repeat, ops.tile]), r.ints(shape.length + r.int(0, 2), 0, 3)]
      return (x) => f(x, counts)
    },
    { rank: [0, 3] },
  ),
  along('repeatInterleaveSync', ALL, (r) => {
    const k = r.int(0, 4)
    return (x, axis) => ops.repeatInterleaveSync(x, k, { axis })
  }),
  entry('repeatInterleaveSync', (r) => {
    const shape = filledShape(r, 3, 60)
    const axis = r.int(0, shape.length)
    return call(
      [operand(r, shape, r.pick(ALL)), operand(r, [shape[axis] as number], 'i64', { low: 0, high: 0.5 })],
      (x, counts) => ops.repeatInterleaveSync(x, counts, { axis }),
    )
  }),
  shaped(
    'pad',
    NUMBERS,
    (r, shape) => {
      const widths = r.ints(2 * r.int(0, Math.min(3, shape.length) + 1), -2, 4)
      const value = r.int(-2, 3)
      return (x) => ops.pad(x, widths, { value })
    },
    { rank: [1, 4] },
  ),
  shaped(
    'pad',
    FLOATS,
    (r, shape) => {
      const mode = r.pick(['reflect', 'replicate', 'circular'] as const)
      const widths = r.ints(2 * r.int(1, Math.min(3, shape.length - 1) + 1), 0, 3)
      return (x) => ops.pad(x, widths, { mode })
    },
    { rank: [2, 5], filled: true },
  ),
  entry('sliceScatter, selectScatter, diagonalScatter, asStridedScatter', (r) => {
    const n = r.int(2, 8)
    const k = r.int(0, n)
    const dtype = r.pick(ALL)
    const [shape, f] = r.pick([
      [[n - k, 5], (x: ops.Tensor, s: ops.Tensor) => ops.sliceScatter(x, s, 0, k)] as const,
      [[5], (x: ops.Tensor, s: ops.Tensor) => ops.selectScatter(x, s, 0, k)] as const,
      [[n], (x: ops.Tensor, s: ops.Tensor) => ops.selectScatter(x, s, -1, k % 5)] as const,
      [[Math.min(n, 5)], (x: ops.Tensor, s: ops.Tensor) => ops.diagonalScatter(x, s)] as const,
      [[2, 2], (x: ops.Tensor, s: ops.Tensor) => ops.asStridedScatter(x, s, [2, 2], [3, 1], k % 3)] as const,
    ])
    return call([operand(r, [n, 5], dtype), operand(r, shape, r.chance(20) ? 'f64' : dtype)], f)
  }),
]
