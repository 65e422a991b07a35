// Activations as layers. Place in the whole: operators of lib/ops as modules, for Sequential and for models that are configured by
// name. A layer's arguments are its operator's; every shape goes in and the same comes out, but for GLU, which halves an axis.

import { known, positive } from '../check.js'
import { ValueError } from '../errors.js'
import {
  celu,
  glu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  logSigmoid,
  mish,
  prelu,
  type RreluOptions,
  relu6,
  rrelu,
  selu,
  softshrink,
  tanhshrink,
  threshold,
} from '../ops/activations.js'
import { full } from '../ops/creation.js'
import { elu, type GeluOptions, gelu, leakyRelu, relu, sigmoid, silu, softplus, softsign, tanh } from '../ops/unary.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'

/** max(x, 0). */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return relu(x)
  }
}

/** x bounded to [0, 6] (Howard et al. 2017). */
export class ReLU6 extends Module {
  override forward(x: Tensor): Tensor {
    return relu6(x)
  }
}

/** x where positive, else slope x (Maas et al. 2013). */
export class LeakyReLU extends Module {
  readonly slope: number

  constructor(slope = 0.01) {
    super()
    this.slope = slope
  }

  override forward(x: Tensor): Tensor {
    return leakyRelu(x, this.slope)
  }
}

export interface PReLUOptions {
  /** The slopes' first value. Default 0.25. */
  initial?: number
  dtype?: DType
}

/** x where positive, else x times a learned slope (He et al. 2015): one for all, or one a channel, dimension 1 of x. */
export class PReLU extends Module {
  weight: Parameter

  constructor(channels = 1, options: PReLUOptions = {}) {
    super()
    positive('PReLU', { channels })
    known('PReLU', options, ['initial', 'dtype'])
    const { initial = 0.25, dtype = 'f32' } = options
    this.weight = new Parameter(full([channels], initial, { dtype }))
  }

  override forward(x: Tensor): Tensor {
    return prelu(x, this.weight)
  }
}

/** x where positive, else x times a slope, drawn for each element while training, later their mean (Xu et al. 2015). */
export class RReLU extends Module {
  readonly options: Omit<RreluOptions, 'training'>

  constructor(options: Omit<RreluOptions, 'training'> = {}) {
    super()
    known('RReLU', options, ['lower', 'upper', 'generator'])
    const { lower = 1 / 8, upper = 1 / 3 } = options
    if (!(lower <= upper)) throw new ValueError(`RReLU: lower is ${lower}, expected at most upper, ${upper}`)
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return rrelu(x, { ...this.options, training: this.training })
  }
}

/** x where positive, else alpha (e^x - 1) (Clevert et al. 2016). */
export class ELU extends Module {
  readonly alpha: number

  constructor(alpha = 1) {
    super()
    this.alpha = alpha
  }

  override forward(x: Tensor): Tensor {
    return elu(x, this.alpha)
  }
}

/** ELU with the constants that keep mean 0 and variance 1 (Klambauer et al. 2017). */
export class SELU extends Module {
  override forward(x: Tensor): Tensor {
    return selu(x)
  }
}

/** x where positive, else alpha (e^(x / alpha) - 1) (Barron 2017). */
export class CELU extends Module {
  readonly alpha: number

  /** @throws ValueError when alpha is 0 */
  constructor(alpha = 1) {
    super()
    if (alpha === 0) throw new ValueError('CELU: alpha is 0, by which x is divided; expected another number')
    this.alpha = alpha
  }

  override forward(x: Tensor): Tensor {
    return celu(x, this.alpha)
  }
}

/** Gaussian error linear unit (Hendrycks and Gimpel 2016). */
export class GELU extends Module {
  readonly options: GeluOptions

  /** @throws ValueError when `approximate` is neither 'none' nor 'tanh' */
  constructor(options: GeluOptions = {}) {
    super()
    known('GELU', options, ['approximate'])
    const { approximate = 'none' } = options
    if (approximate !== 'none' && approximate !== 'tanh')
      throw new ValueError(`GELU: approximate is ${String(approximate)}, expected 'none' or 'tanh'`)
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return gelu(x, this.options)
  }
}

/** The first half of an axis times the sigmoid of the second (Dauphin et al. 2017). */
export class GLU extends Module {
  readonly axis: number

  constructor(axis = -1) {
    super()
    this.axis = axis
  }

  override forward(x: Tensor): Tensor {
    return glu(x, this.axis)
  }
}

/** x sigmoid(x), also called swish (Elfwing et al. 2017). */
export class SiLU extends Module {
  override forward(x: Tensor): Tensor {
    return silu(x)
  }
}

/** x tanh(softplus(x)) (Misra 2019). */
export class Mish extends Module {
  override forward(x: Tensor): Tensor {
    return mish(x)
  }
}

/** x bounded to [min, max]. */
export class Hardtanh extends Module {
  readonly min: number
  readonly max: number

  /** @throws ValueError unless min is below max */
  constructor(min = -1, max = 1) {
    super()
    if (!(min < max)) throw new ValueError(`Hardtanh: min is ${min}, expected less than max, ${max}`)
    this.min = min
    this.max = max
  }

  override forward(x: Tensor): Tensor {
    return hardtanh(x, this.min, this.max)
  }
}

/** x / 6 + 1/2, bounded to [0, 1]. */
export class Hardsigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return hardsigmoid(x)
  }
}

/** x hardsigmoid(x) (Howard et al. 2019). */
export class Hardswish extends Module {
  override forward(x: Tensor): Tensor {
    return hardswish(x)
  }
}

/** 0 in [-lambda, lambda], x outside. */
export class Hardshrink extends Module {
  readonly lambda: number

  constructor(lambda = 0.5) {
    super()
    this.lambda = lambda
  }

  override forward(x: Tensor): Tensor {
    return hardshrink(x, this.lambda)
  }
}

/** 0 in [-lambda, lambda], outside x moved towards 0 by lambda. */
export class Softshrink extends Module {
  readonly lambda: number

  /** @throws ValueError when lambda is negative */
  constructor(lambda = 0.5) {
    super()
    if (!(lambda >= 0)) throw new ValueError(`Softshrink: lambda is ${lambda}, expected at least 0`)
    this.lambda = lambda
  }

  override forward(x: Tensor): Tensor {
    return softshrink(x, this.lambda)
  }
}

/** x - tanh(x). */
export class Tanhshrink extends Module {
  override forward(x: Tensor): Tensor {
    return tanhshrink(x)
  }
}

/** ln(1 + e^(beta x)) / beta; x itself where beta x exceeds the threshold. */
export class Softplus extends Module {
  readonly beta: number
  readonly threshold: number

  constructor(beta = 1, threshold = 20) {
    super()
    this.beta = beta
    this.threshold = threshold
  }

  override forward(x: Tensor): Tensor {
    return softplus(x, this.beta, this.threshold)
  }
}

/** x / (1 + |x|). */
export class Softsign extends Module {
  override forward(x: Tensor): Tensor {
    return softsign(x)
  }
}

export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return tanh(x)
  }
}

/** 1 / (1 + e^-x). */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return sigmoid(x)
  }
}

/** ln(sigmoid(x)). */
export class LogSigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return logSigmoid(x)
  }
}

/** x where it exceeds the threshold, else `value`. */
export class Threshold extends Module {
  readonly threshold: number
  readonly value: number

  constructor(threshold: number, value: number) {
    super()
    this.threshold = threshold
    this.value = value
  }

  override forward(x: Tensor): Tensor {
    return threshold(x, this.threshold, this.value)
  }
}
