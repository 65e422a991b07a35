// lib/quant: tensors of bytes: quantization, exact products of integers, linear layers with quantized weights,
// of bytes or of 4 and 8 bits in groups.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export type { LinearActivation } from '../ops/fusedActivation.js'
export { dynamicQuantizedConv2d, quantizeConvWeight, quantizedConv2d, type WindowOptions } from './conv.js'
export {
  type GroupBits,
  type GroupCodesOptions,
  GroupQuantizedWeight,
  type GroupQuantizeOptions,
  type GroupSize,
  quantizeGroups,
  type WeightOnlyLinearOptions,
  weightOnlyLinear,
} from './groups.js'
export { type IntMatmulOptions, intMatmul } from './intMatmul.js'
export { type DynamicLinearLayerOptions, DynamicQuantizedLinear, quantizeDynamic } from './layers.js'
export {
  type DynamicLinearOptions,
  dynamicQuantizedLinear,
  type QuantizedLinearOptions,
  quantizedLinear,
} from './linear.js'
export { type DequantizeOptions, dequantize, quantizePerChannel, quantizePerTensor } from './quantize.js'
export { Int8Weight, type QuantizeWeightOptions, quantizeWeight } from './weight.js'
