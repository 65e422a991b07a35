/**
 * AugMix (Hendrycks et al., "AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty", 2020). Definition:
 * torchvision.transforms.v2.AugMix. Place in the whole: chains of the operations of auto.ts, mixed with the image.
 */

import { known } from '../check.js'
import { ValueError } from '../errors.js'
import { checkChannels } from '../image/images.js'
import { add, mul } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { round } from '../ops/unary.js'
import type { Tensor } from '../tensor/tensor.js'
import { anyOf, drawn, IDENTITY } from './auto.js'
import { type Operation, operated } from './autoOperations.js'
import { spaceOf } from './autoSpaces.js'
import { checkContext, eachRow, fieldsOf, type ImageTransform, refusePlaces, withFields } from './batch.js'
import { dirichlet } from './distributions.js'
import type { WarpOptions } from './geometry.js'
import { interpolationOf, whole } from './options.js'

export interface AugMixOptions extends Omit<WarpOptions, 'maskFill'> {
  /** Of the operations, 1 to 10. Default 3. */
  severity?: number
  /** Chains. Default 3. */
  mixtureWidth?: number
  /** Operations of a chain; -1 (default): drawn from 1 to 3. */
  chainDepth?: number
  /** Of the distributions of shares. Default 1. */
  alpha?: number
  /** Also brightness, colour, contrast and sharpness. Default true. */
  allOps?: boolean
}
const BINS = 10
const DEEPEST = 3

/** Each image mixed with chains of random operations on it. `interpolation` is 'bilinear' by default. Bytes are rounded once, to the nearest. */
export function augMix(options: AugMixOptions = {}): ImageTransform {
  const name = 'augMix'
  known(name, options, ['severity', 'mixtureWidth', 'chainDepth', 'alpha', 'allOps', 'interpolation', 'fill'])
  const { alpha = 1, allOps = true, chainDepth = -1, interpolation = 'bilinear', fill } = options
  const severity = whole(name, 'severity', options.severity ?? 3, 1)
  if (severity > BINS) throw new ValueError(`${name}: severity ${severity}; it is at most ${BINS}`)
  const width = whole(name, 'mixtureWidth', options.mixtureWidth ?? 3, 1)
  if (!(alpha > 0 && Number.isFinite(alpha))) throw new ValueError(`${name}: alpha is ${alpha}; it is a number above 0`)
  if (chainDepth !== -1) whole(name, 'chainDepth', chainDepth, 1)
  const deepest = chainDepth === -1 ? DEEPEST : chainDepth
  const how = { interpolation: interpolationOf(name, interpolation), fill }
  return (batch, context) => {
    const fields = fieldsOf(name, batch)
    refusePlaces(name, fields)
    const x = fields.image
    // Some operations take no others: refused whatever is drawn.
    checkChannels(name, x)
    const [n, , h, w] = x.shape as [number, number, number, number]
    checkContext(name, context, n)
    const space = spaceOf(allOps ? 'augMix' : 'augMixFew', BINS, [h, w])
    // A chain that is less deep ends with operations that do nothing.
    const rows = eachRow(context, (random) => {
      const [kept, mixed] = dirichlet(random, alpha, 2) as [number, number]
      const shares = dirichlet(random, alpha, width).map((v) => v * mixed)
      const chains = Array.from({ length: width }, () => {
        const depth = chainDepth === -1 ? 1 + random.int(DEEPEST) : chainDepth
        const one = (k: number): Operation =>
          k < depth ? drawn(random, anyOf(space, random), random.int(severity)) : IDENTITY
        return Array.from({ length: deepest }, (_, k) => one(k))
      })
      return { kept, shares, chains }
    })
    const real = x.dtype === 'f64' ? 'f64' : 'f32'
    const times = (t: Tensor, shares: readonly number[]): Tensor =>
      mul(
        cast(t, real),
        tensor(Float64Array.from(shares), { shape: [n, 1, 1, 1], dtype: real, device: x.device }) as Tensor,
      )
    let y = times(
      x,
      rows.map((row) => row.kept),
    )
    for (let i = 0; i < width; i++) {
      let chain = x
      for (let k = 0; k < deepest; k++)
        chain = operated(
          name,
          chain,
          rows.map((row) => row.chains[i]?.[k] as Operation),
          how,
        )
      y = add(
        y,
        times(
          chain,
          rows.map((row) => row.shares[i] as number),
        ),
      )
    }
    return withFields(batch, { image: cast(x.dtype === 'u8' ? round(y) : y, x.dtype) })
  }
}
