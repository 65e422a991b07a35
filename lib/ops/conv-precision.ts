/**
 * How exactly convolutions are summed in f32. Place in the whole: conv.ts asks for every convolution; kernels are told by an attribute,
 * so that gradients keep to what their convolution was asked for.
 */
import { ValueError } from '../errors.js'

/**
 * 'highest': every result is the sum of its products in one fixed order. 'high' lets 3 x 3 kernels of stride 1 in f32, bf16 and f16 use
 * Winograd's algorithms where they are faster (up to 2.6 times), forward and in both gradients: errors stay below 16 units in the last
 * place (2^-24) of sum |x| |w|, its largest in the result's tile of 4 x 4 (of a weight's gradient, in its kernel), where direct sums reach 1 to 4, an infinity or NaN in the image reaches up to 4 x 4
 * results around those that see it, and whether they are used depends on the number of images. Of bf16 and f16 that is f32's sum before it is rounded.
 */
export type ConvPrecision = 'highest' | 'high'

const NAMES: readonly ConvPrecision[] = ['highest', 'high']
let standard: ConvPrecision = 'high'

function checked(op: string, precision: ConvPrecision): ConvPrecision {
  if (!NAMES.includes(precision))
    throw new ValueError(`${op}: precision '${String(precision)}' is not one of ${NAMES.join(', ')}`)
  return precision
}

/**
 * The precision of convolutions that are not given one, in this thread; 'high' at first. Compare torch.set_float32_matmul_precision.
 *
 * @throws ValueError for another name.
 */
export function setConvPrecision(precision: ConvPrecision): void {
  standard = checked('setConvPrecision', precision)
}

/** What `setConvPrecision` said last. */
export const getConvPrecision = (): ConvPrecision => standard

/** The kernels' code: 1 where fewer products may be used. */
export const precisionCode = (op: string, precision: ConvPrecision | undefined): number =>
  checked(op, precision ?? standard) === 'high' ? 1 : 0
