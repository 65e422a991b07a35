// torch.nn's activations and softmaxes. Place in the whole: test/parity/activations.test.ts compares them.
import * as nn from '#lib/nn/index.js'
import type { Cases, ParityCase } from '../harness.js'

/** Operations on each element, and sums of `length` terms. */
const of = (build: ParityCase['build'], length = 1): ParityCase => ({ build, length })

export const activations: Cases = {
  relu: of(() => new nn.ReLU()),
  relu6: of(() => new nn.ReLU6()),
  leakyRelu: of((c) => new nn.LeakyReLU(c['slope'])),
  prelu: of(() => new nn.PReLU(), 24),
  preluOfChannels: of((c) => new nn.PReLU(c['channels']), 8),
  rrelu: of((c) => new nn.RReLU(c)),
  elu: of((c) => new nn.ELU(c['alpha'])),
  selu: of(() => new nn.SELU()),
  celu: of((c) => new nn.CELU(c['alpha'])),
  gelu: of(() => new nn.GELU()),
  geluTanh: of((c) => new nn.GELU(c)),
  glu: of((c) => new nn.GLU(c['axis'])),
  gluOfChannels: of((c) => new nn.GLU(c['axis'])),
  silu: of(() => new nn.SiLU()),
  mish: of(() => new nn.Mish()),
  hardtanh: of((c) => new nn.Hardtanh(c['min'], c['max'])),
  hardsigmoid: of(() => new nn.Hardsigmoid()),
  hardswish: of(() => new nn.Hardswish()),
  hardshrink: of((c) => new nn.Hardshrink(c['lambda'])),
  softshrink: of((c) => new nn.Softshrink(c['lambda'])),
  tanhshrink: of(() => new nn.Tanhshrink()),
  softplus: of((c) => new nn.Softplus(c['beta'], c['threshold'])),
  softsign: of(() => new nn.Softsign()),
  tanh: of(() => new nn.Tanh()),
  sigmoid: of(() => new nn.Sigmoid()),
  logSigmoid: of(() => new nn.LogSigmoid()),
  threshold: of((c) => new nn.Threshold(c['threshold'], c['value'])),
  softmax: of((c) => new nn.Softmax(c['axis']), 3),
  softmax2d: of(() => new nn.Softmax2d(), 3),
  softmin: of((c) => new nn.Softmin(c['axis']), 6),
  logSoftmax: of((c) => new nn.LogSoftmax(c['axis']), 6),
}
