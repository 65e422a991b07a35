/** Operators on images: lib/ops/conv.ts, pooling.ts, pool-adaptive.ts, unpool.ts, fold.ts, resample.ts, grid.ts. */
import * as ops from '#lib/index.js'
import { call, type Entry, entry, FLOATS, type Fn, type Judge, NUMBERS, WIDE } from '../draw.js'
import { type Draw, operand } from '../tensors.js'

type T = ops.Tensor
const CONV: Judge = { roundings: 60, power: 2, finite: true }
/** Sizes of r spatial dimensions: fewer elements where there are more. */
const spatial = (r: Draw, rank: number, least = 1): number[] => r.ints(rank, least, [0, 30, 12, 7][rank] as number)
/** (n, c, ...spatial), or (c, ...spatial). */
const image = (r: Draw, rank: number, least = 1): number[] => [
  ...(r.chance(6) ? [] : [r.chance(40) ? 0 : r.int(1, 3)]),
  r.int(1, 4),
  ...spatial(r, rank, least),
]
const each = (r: Draw, rank: number, low: number, high: number): number | number[] =>
  r.chance(2) ? r.int(low, high) : r.ints(rank, low, high)

/** A view of an image that lies channels-last. */
const channelsLast = (x: T): T => x.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2])

const conv = (name: string, rank: number, f: Fn): Entry =>
  entry(
    name,
    (r) => {
      const groups = r.int(1, 3)
      const [c, o] = [groups * r.int(1, 4), groups * r.int(1, 5)]
      const dtype = r.pick(FLOATS)
      const options = {
        stride: each(r, rank, 1, 3),
        padding: r.chance(8) ? r.pick(['same', 'valid']) : each(r, rank, 0, 3),
        dilation: each(r, rank, 1, 3),
        groups,
        activation: r.chance(4) ? r.pick(['relu', 'gelu', 'silu']) : 'none',
      }
      const batch = r.chance(8) ? [] : [r.int(r.chance(30) ? 0 : 1, 3)]
      const last = rank === 2 && batch.length === 1 && r.chance(4)
      return call(
        [
          operand(r, [...batch, c, ...spatial(r, rank)], dtype),
          operand(r, [o, c / groups + (r.chance(60) ? 1 : 0), ...r.ints(rank, 1, 4)], dtype),
          operand(r, [o], dtype),
        ],
        (x, k, b) => f(last ? channelsLast(x) : x, k, b, options),
      )
    },
    CONV,
  )

const transposed = (name: string, rank: number, f: Fn): Entry =>
  entry(
    name,
    (r) => {
      const groups = r.int(1, 3)
      const [c, o] = [groups * r.int(1, 4), r.int(1, 4)]
      const dtype = r.pick(FLOATS)
      const options = {
        stride: each(r, rank, 1, 3),
        padding: each(r, rank, 0, 2),
        dilation: each(r, rank, 1, 3),
        outputPadding: r.chance(4) ? 1 : 0,
        groups,
      }
      return call(
        [
          operand(r, [r.int(1, 3), c, ...r.ints(rank, 1, 6)], dtype),
          operand(r, [c, o, ...r.ints(rank, 1, 4)], dtype),
          operand(r, [o * groups], dtype),
        ],
        (x, k, b) => f(x, k, b, options),
      )
    },
    CONV,
  )

/** Operators with one image; `draw` gives what follows it. */
const imaged = (
  name: string,
  rank: number,
  f: Fn,
  draw: (r: Draw) => readonly unknown[],
  judge: Judge = {},
  dtypes = FLOATS,
): Entry =>
  entry(
    name,
    (r) => {
      const more = draw(r)
      return call([operand(r, image(r, rank), r.pick(dtypes))], (x) => f(x, ...more))
    },
    judge,
  )

const windowOf =
  (rank: number, dilated: boolean) =>
  (r: Draw): readonly unknown[] => {
    const size = r.ints(rank, 1, 4)
    return [
      size,
      {
        stride: each(r, rank, 1, 4),
        padding: r.int(0, 2) * Math.floor(Math.min(...size) / 2),
        ceilMode: r.chance(2),
        ...(dilated
          ? { dilation: r.int(1, 3) }
          : { countIncludePad: r.chance(2), ...(r.chance(5) ? { divisorOverride: 3 } : {}) }),
      },
    ]
  }
const pools = (rank: 1 | 2 | 3): Entry[] => {
  const o = ops as unknown as Record<string, Fn>
  const d = `${rank}d`
  const f = (name: string): Fn => o[name] as Fn
  const size = (r: Draw): readonly unknown[] => [r.ints(rank, 1, 5)]
  return [
    imaged(`maxPool${d}`, rank, f(`maxPool${d}`), windowOf(rank, true), {}, NUMBERS),
    imaged(`maxPool${d}WithIndices`, rank, f(`maxPool${d}WithIndices`), windowOf(rank, true), {}, NUMBERS),
    imaged(`avgPool${d}`, rank, f(`avgPool${d}`), windowOf(rank, false), { roundings: 12 }),
    // Of positive numbers: the p-th root is steep at 0.
    imaged(
      `lpPool${d}`,
      rank,
      (x: T, ...more: unknown[]) => f(`lpPool${d}`)(x.abs().add(0.5), ...more),
      (r) => [r.int(1, 4), r.ints(rank, 1, 4), { stride: each(r, rank, 1, 4), ceilMode: r.chance(2) }],
      { roundings: 40, power: 4, finite: true },
    ),
    imaged(`adaptiveAvgPool${d}`, rank, f(`adaptiveAvgPool${d}`), size, { roundings: 24 }),
    imaged(`adaptiveMaxPool${d}`, rank, f(`adaptiveMaxPool${d}`), size),
    imaged(`adaptiveMaxPool${d}WithIndices`, rank, f(`adaptiveMaxPool${d}WithIndices`), size),
    imaged(
      `maxUnpool${d}`,
      rank,
      (x: T, k: number) => {
        const [y, at] = f(`maxPool${d}WithIndices`)(x, k)
        return f(`maxUnpool${d}`)(y, at, k, { outputSize: x.shape.slice(-rank) })
      },
      (r) => [r.int(1, 4)],
    ),
  ]
}
const fractional = (rank: 2 | 3): Entry =>
  entry(
    `fractionalMaxPool${rank}d, fractionalMaxPool${rank}dWithIndices`,
    (r) => {
      const shape = [r.int(1, 3), r.int(1, 4), ...r.ints(rank, 4, 8)]
      const dtype = r.pick(WIDE)
      const [size, outputSize] = [r.int(1, 4), r.int(1, 5)]
      const name = `fractionalMaxPool${rank}d${r.chance(2) ? '' : 'WithIndices'}`
      const f = (ops as unknown as Record<string, Fn>)[name] as Fn
      return call(
        [operand(r, shape, dtype), operand(r, [...shape.slice(0, 2), rank], dtype, { low: 0, high: 0.9 })],
        (x, samples) => f(x, size, { outputSize, samples }),
      )
    },
    { finite: true },
  )

const resampling = (modes: readonly ops.InterpolationMode[], rank: number): Entry =>
  imaged(
    'interpolate',
    rank,
    ops.interpolate,
    (r) => {
      const mode = r.pick(modes)
      const corners = !mode.startsWith('nearest') && mode !== 'area'
      return [
        {
          mode,
          ...(r.chance(2)
            ? { size: r.ints(rank, 1, 12) }
            : { scaleFactor: r.pick([0.5, 1.5, 2]), recomputeScaleFactor: r.chance(2) }),
          ...(corners ? { alignCorners: r.chance(2), antialias: rank === 2 && r.chance(3) } : {}),
        },
      ]
    },
    { roundings: 60, finite: true },
  )

export const windows: readonly Entry[] = [
  conv('conv1d', 1, ops.conv1d),
  conv('conv2d', 2, ops.conv2d),
  conv('conv3d', 3, ops.conv3d),
  transposed('convTranspose1d', 1, ops.convTranspose1d),
  transposed('convTranspose2d', 2, ops.convTranspose2d),
  transposed('convTranspose3d', 3, ops.convTranspose3d),
  ...pools(1),
  ...pools(2),
  ...pools(3),
  fractional(2),
  fractional(3),
  imaged('unfold', 2, ops.unfold, (r) => [
    r.ints(2, 1, 4),
    { dilation: r.int(1, 3), padding: r.int(0, 3), stride: each(r, 2, 1, 4) },
  ]),
  entry(
    'fold',
    (r) => {
      const [size, options] = [r.ints(2, 1, 4), { dilation: r.int(1, 3), padding: r.int(0, 2), stride: r.int(1, 3) }]
      const to = r.ints(2, 3, 9)
      const count = to.map(
        (d, i) =>
          Math.floor((d + 2 * options.padding - options.dilation * ((size[i] as number) - 1) - 1) / options.stride) + 1,
      )
      const columns = [
        r.int(1, 3),
        r.int(1, 3) * (size[0] as number) * (size[1] as number),
        Math.max(0, (count[0] as number) * (count[1] as number)),
      ]
      return call([operand(r, columns, r.pick(FLOATS))], (x) =>
        ops.fold(x, to as [number, number], size as [number, number], options),
      )
    },
    { roundings: 16 },
  ),
  entry('channelShuffle, pixelShuffle, pixelUnshuffle', (r) => {
    const k = r.int(1, 4)
    const f = r.pick([ops.channelShuffle, ops.pixelShuffle, ops.pixelUnshuffle])
    return call([operand(r, [r.int(1, 3), k * k, k * r.int(1, 3), k * r.int(1, 3)], r.pick(FLOATS))], (x) => f(x, k))
  }),
  resampling(['nearest', 'nearest-exact', 'linear', 'area'], 1),
  resampling(['nearest', 'nearest-exact', 'bilinear', 'bicubic', 'area'], 2),
  resampling(['nearest', 'nearest-exact', 'trilinear', 'area'], 3),
  // Bilinear and bicubic: the nearest element jumps where a position is rounded. Coordinates stay off the elements' own.
  ...([2, 3] as const).map((rank) =>
    entry(
      'gridSample',
      (r) => {
        const n = r.int(1, 3)
        const dtype = r.pick(WIDE)
        const options = {
          mode: rank === 2 ? r.pick(['bilinear', 'bicubic'] as const) : ('bilinear' as const),
          paddingMode: r.pick(['zeros', 'border', 'reflection'] as const),
          alignCorners: r.chance(2),
        }
        return call(
          [
            operand(r, [n, r.int(1, 4), ...spatial(r, rank)], dtype),
            operand(r, [n, ...r.ints(rank, 1, 5), rank], dtype, { low: -1.5, high: 1.5 }),
          ],
          (x, grid) => ops.gridSample(x, grid, options),
        )
      },
      { roundings: 200, power: 2, finite: true, gradient: false },
    ),
  ),
  entry(
    'affineGrid',
    (r) => {
      const [n, rank, alignCorners] = [r.int(1, 3), r.int(2, 4), r.chance(2)]
      const size = [n, 2, ...r.ints(rank, 1, 5)]
      return call([operand(r, [n, rank, rank + 1], r.pick(WIDE))], (theta) =>
        ops.affineGrid(theta, size, { alignCorners }),
      )
    },
    { roundings: 40, power: 2 },
  ),
]
