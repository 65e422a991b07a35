/**
 * Every elementary and special function over 1 Mi elements, f32 and f64, on arguments from the middle of its domain: what the
 * vector kernels are worth against the peer's. `elementary.exp.f64.1m` and so on; bench/peers/torch_peer.py has the same domains.
 */
import * as S from 'sinter'
import { rand, type Tensor } from 'sinter'
import { type Case, forwardOnly } from '../case.js'

const ELEMENTS = 1 << 20

type Call = (x: Tensor, y: Tensor) => Tensor
interface Group {
  /** Bounds of the uniform arguments x and y. */
  readonly low: number
  readonly high: number
  readonly calls: Readonly<Record<string, Call>>
}

const GROUPS: readonly Group[] = [
  {
    low: -5,
    high: 5,
    calls: {
      abs: S.abs,
      neg: S.neg,
      sign: S.sign,
      square: S.square,
      reciprocal: S.reciprocal,
      floor: S.floor,
      ceil: S.ceil,
      round: (x) => S.round(x),
      trunc: S.trunc,
      frac: S.frac,
      relu: S.relu,
      exp: S.exp,
      exp2: S.exp2,
      expm1: S.expm1,
      sin: S.sin,
      cos: S.cos,
      tan: S.tan,
      atan: S.atan,
      sinh: S.sinh,
      cosh: S.cosh,
      tanh: S.tanh,
      asinh: S.asinh,
      sinc: S.sinc,
      erf: S.erf,
      erfc: S.erfc,
      erfcx: S.erfcx,
      ndtr: S.ndtr,
      logNdtr: S.logNdtr,
      sigmoid: S.sigmoid,
      gelu: (x) => S.gelu(x),
      geluTanh: (x) => S.gelu(x, { approximate: 'tanh' }),
      silu: S.silu,
      mish: S.mish,
      softplus: (x) => S.softplus(x),
      logSigmoid: S.logSigmoid,
      elu: (x) => S.elu(x),
      selu: S.selu,
      softsign: S.softsign,
      leakyRelu: (x) => S.leakyRelu(x),
      hardswish: S.hardswish,
      hardsigmoid: S.hardsigmoid,
      tanhshrink: S.tanhshrink,
      softshrink: (x) => S.softshrink(x),
      nanToNum: (x) => S.nanToNum(x),
      i0: S.i0,
      i0e: S.i0e,
      i1: S.i1,
      i1e: S.i1e,
      airyAi: S.airyAi,
      sphericalBesselJ0: S.sphericalBesselJ0,
      add: (x, y) => S.add(x, y),
      sub: (x, y) => S.sub(x, y),
      mul: (x, y) => S.mul(x, y),
      div: (x, y) => S.div(x, y),
      maximum: (x, y) => S.maximum(x, y),
      fmax: (x, y) => S.fmax(x, y),
      remainder: (x, y) => S.remainder(x, y),
      fmod: (x, y) => S.fmod(x, y),
      floorDivide: (x, y) => S.floorDivide(x, y),
      copysign: (x, y) => S.copysign(x, y),
      nextafter: (x, y) => S.nextafter(x, y),
      heaviside: (x, y) => S.heaviside(x, y),
      hypot: (x, y) => S.hypot(x, y),
      atan2: (x, y) => S.atan2(x, y),
      logaddexp: (x, y) => S.logaddexp(x, y),
      logaddexp2: (x, y) => S.logaddexp2(x, y),
    },
  },
  {
    low: 0.1,
    high: 20,
    calls: {
      sqrt: S.sqrt,
      rsqrt: S.rsqrt,
      log: S.log,
      log1p: S.log1p,
      log2: S.log2,
      log10: S.log10,
      entr: S.entr,
      lgamma: S.lgamma,
      digamma: S.digamma,
      trigamma: (x) => S.polygamma(1, x),
      besselJ0: S.besselJ0,
      besselJ1: S.besselJ1,
      besselY0: S.besselY0,
      besselY1: S.besselY1,
      modifiedBesselK0: S.modifiedBesselK0,
      modifiedBesselK1: S.modifiedBesselK1,
      pow: (x, y) => S.pow(x, y),
      xlogy: (x, y) => S.xlogy(x, y),
      xlog1py: (x, y) => S.xlog1py(x, y),
      igamma: (x, y) => S.igamma(x, y),
      igammac: (x, y) => S.igammac(x, y),
    },
  },
  { low: 1.1, high: 10, calls: { acosh: S.acosh, zeta: (x, y) => S.zeta(x, y) } },
  { low: -0.95, high: 0.95, calls: { asin: S.asin, acos: S.acos, atanh: S.atanh, erfinv: S.erfinv } },
  { low: 0.05, high: 0.95, calls: { ndtri: S.ndtri, logit: (x) => S.logit(x) } },
]

function elementaryCase(label: string, dtype: 'f32' | 'f64', group: Group, call: Call): Case {
  return {
    name: `elementary.${label}.${dtype}.1m`,
    dtype,
    bytes: (dtype === 'f32' ? 4 : 8) * ELEMENTS * (call.length > 1 ? 3 : 2),
    prepare() {
      const draw = () =>
        rand([ELEMENTS], { dtype })
          .mul(group.high - group.low)
          .add(group.low)
      const x = draw()
      const y = draw()
      return forwardOnly(() => call(x, y))
    },
  }
}

export const elementary: readonly Case[] = GROUPS.flatMap((group) =>
  Object.entries(group.calls).flatMap(([label, call]) =>
    (['f32', 'f64'] as const).map((dtype) => elementaryCase(label, dtype, group, call)),
  ),
)
