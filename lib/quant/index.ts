// lib/quant: tensors of bytes: quantization, exact products of integers, linear layers with quantized weights.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export { type IntMatmulOptions, intMatmul } from './intMatmul.js'
export {
  type DynamicLinearOptions,
  dynamicQuantizedLinear,
  type QuantizedLinearOptions,
  quantizedLinear,
} from './linear.js'
export { type DequantizeOptions, dequantize, quantizePerChannel, quantizePerTensor } from './quantize.js'
export { Int8Weight, type QuantizeWeightOptions, quantizeWeight } from './weight.js'
