/**
 * Complex numbers: real and complex views of the same bytes, numbers from their parts, conjugates, arguments.
 *
 * Gradients follow PyTorch: that of a real L for a complex z is dL/dRe(z) + i dL/dIm(z), so a holomorphic f multiplies it with
 * conj(f'), and a real operand of a complex result gets the real part.
 */
import { needsGrad, record, save } from '../autograd/node.js'
import { DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { complexOf, type DType, floatOf, isComplex, promote, realOf } from '../tensor/dtype.js'
import { broadcastShapes, checkShape, compact, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { eq, mul } from './binary.js'
import { safeQuotient, withoutAlong } from './complex-functions.js'
import { cast, clone } from './convert.js'
import { full } from './creation.js'
import { make, makeMany, method, NO_ATTRIBUTES, viewAs } from './emit.js'
import { abs, sign } from './unary.js'
import { expand } from './views.js'

/** z (...) as real numbers (..., 2): real and imaginary parts, a view. @throws DTypeError for a real tensor */
export function viewAsReal(z: Tensor): Tensor {
  if (!isComplex(z.dtype)) throw new DTypeError(`viewAsReal: a ${z.dtype} tensor; it is real already`)
  const shape = [...z.shape, 2]
  checkShape('viewAsReal', shape)
  const strides = [...z.strides.map((s) => 2 * s), 1]
  const x = viewAs('viewAsReal', z, realOf(z.dtype), shape, compact(shape, strides))
  if (needsGrad(z)) record('viewAsReal', x, [z], null, (g) => [viewAsComplex(g)])
  return x
}

/**
 * f32 or f64 (..., 2) as complex numbers (...): a view where the pairs lie together, else of a copy; also of an f32 view, which
 * may begin where no c64 number can.
 * @throws DTypeError for other dtypes
 * @throws ShapeError when the last dimension is not 2
 */
export function viewAsComplex(x: Tensor): Tensor {
  if (x.dtype !== 'f32' && x.dtype !== 'f64')
    throw new DTypeError(`viewAsComplex: a ${x.dtype} tensor; pairs of f32 or f64 make complex numbers`)
  if (x.rank === 0 || x.shape[x.rank - 1] !== 2)
    throw new ShapeError(`viewAsComplex: ${show(x.shape)} does not end in pairs: the last dimension must be 2`)
  const lead = x.strides.slice(0, -1)
  const fits = x.strides[x.rank - 1] === 1 && lead.every((s) => s % 2 === 0) && (x._base === 0 || x.dtype === 'f64')
  const source = fits ? x : clone(x)
  const shape = x.shape.slice(0, -1)
  const strides = source.strides.slice(0, -1).map((s) => s / 2)
  const z = viewAs('viewAsComplex', source, complexOf(x.dtype), shape, compact(shape, strides))
  if (needsGrad(source)) record('viewAsComplex', z, [source], null, (g) => [viewAsReal(g)])
  return z
}

function part(name: string, z: Tensor, offset: 0 | 1): Tensor {
  const strides = z.strides.map((s) => 2 * s)
  const dtype = realOf(z.dtype)
  const x = viewAs(name, z, dtype, z.shape, z.numel === 1 ? null : strides, offset)
  if (needsGrad(z)) record(name, x, [z], null, offset === 0 ? (g) => [fromParts(g, null)] : (g) => [fromParts(null, g)])
  return x
}

/** The real parts, a view; a real tensor itself. */
export function real(z: Tensor): Tensor {
  return isComplex(z.dtype) ? part('real', z, 0) : z
}

/** The imaginary parts, a view. @throws DTypeError for a real tensor */
export function imag(z: Tensor): Tensor {
  if (!isComplex(z.dtype)) throw new DTypeError(`imag: a ${z.dtype} tensor has no imaginary parts; take zerosLike(x)`)
  return part('imag', z, 1)
}

/** re + i im, of one shape and dtype (f32 or f64); null is zero. */
export function fromParts(re: Tensor | null, im: Tensor | null): Tensor {
  const like = (re ?? im) as Tensor
  const dtype = complexOf(like.dtype)
  const z = makeMany('complex', OP.complex, [{ dtype, shape: like.shape }], [re, im], [], like.numel * 0.4)[0] as Tensor
  if (needsGrad(like, im)) {
    const [wantsRe, wantsIm] = [re?.requiresGrad === true, im?.requiresGrad === true]
    record('complex', z, [re, im], null, (g) => [wantsRe ? real(g) : null, wantsIm ? imag(g) : null])
  }
  return z
}

/** Two real operands, broadcast, as f32 or f64. */
function realPair(name: string, a: Tensor, b: Tensor): [Tensor, Tensor] {
  for (const t of [a, b]) if (isComplex(t.dtype)) throw new DTypeError(`${name}: a ${t.dtype} part; parts are real`)
  const shape = broadcastShapes(name, a.shape, b.shape)
  const d = floatOf(promote(a.dtype, b.dtype))
  const dtype = d === 'f64' ? d : 'f32'
  return [expand(cast(a, dtype), shape), expand(cast(b, dtype), shape)]
}

/** re + i im, broadcast: c128 where a part is f64, else c64. @throws DTypeError for complex parts */
export function complex(re: Tensor, im: Tensor): Tensor {
  return fromParts(...realPair('complex', re, im))
}

/** length (cos angle + i sin angle), broadcast: c128 where an operand is f64, else c64. */
export function polar(length: Tensor, angle: Tensor): Tensor {
  const [r, a] = realPair('polar', length, angle)
  const z = make('polar', OP.polar, complexOf(r.dtype), r.shape, r, a, NO_ATTRIBUTES, r.numel * 2)
  if (needsGrad(r, a)) {
    const [wantsLength, wantsAngle] = [r.requiresGrad, a.requiresGrad]
    // dz = e^(i angle) dlength + i z dangle
    record('polar', z, [r, a], [save(a), save(z)], (g, [angle, z]) => [
      wantsLength ? real(mul(g, conj(unit(angle as Tensor)))) : null,
      wantsAngle ? imag(mul(g, conj(z as Tensor))) : null,
    ])
  }
  return z
}

const unit = (angle: Tensor): Tensor =>
  polar(expand(full([], 1, { dtype: angle.dtype, device: angle.device }) as Tensor, angle.shape), angle)

/** The conjugate numbers, computed at once; a real tensor itself. */
export function conj<D extends DType, S extends Shape>(z: Tensor<D, S>): Tensor<D, S> {
  if (!isComplex(z.dtype)) return z
  const y = make('conj', OP.conj, z.dtype, z.shape, z, null, NO_ATTRIBUTES, z.numel * 0.5)
  if (needsGrad(z)) record('conj', y, [z], null, (g) => [conj(g)])
  return y
}

/** The argument: atan2 of the parts; of real numbers 0, or pi where negative. Integers give f32. Derivative at 0: 0. */
export function angle(x: Tensor): Tensor {
  const wide = isComplex(x.dtype) ? x : cast(x, x.dtype === 'f64' ? 'f64' : 'f32')
  const y = make('angle', OP.angle, realOf(wide.dtype), wide.shape, wide, null, NO_ATTRIBUTES, x.numel * 2)
  if (needsGrad(wide)) {
    if (!isComplex(wide.dtype)) record('angle', y, [wide], null, (g) => [mul(g, 0)])
    // d angle = Im(conj(z) dz) / |z|^2
    else
      record('angle', y, [wide], [save(wide)], (g, [z]) => {
        const length = abs(z as Tensor)
        return [mul(fromParts(null, g), safeQuotient(safeQuotient(z as Tensor, length), length))]
      })
  }
  return x.dtype === 'bf16' || x.dtype === 'f16' ? cast(y, x.dtype) : y
}

/** z / |z|, and 0 for 0; of real numbers the sign. */
export function sgn(z: Tensor): Tensor {
  if (!isComplex(z.dtype)) return sign(z)
  const y = make('sgn', OP.sgn, z.dtype, z.shape, z, null, NO_ATTRIBUTES, z.numel)
  // Only the part of dz across z turns it.
  if (needsGrad(z))
    record('sgn', y, [z], [save(z), save(y)], (g, [z, s]) => [
      safeQuotient(withoutAlong(g, s as Tensor), abs(z as Tensor)),
    ])
  return y
}

/** True where the imaginary part is 0. */
export function isReal(x: Tensor): Tensor<'bool'> {
  if (isComplex(x.dtype)) return eq(imag(x), 0)
  return full(x.shape, 1, { dtype: 'bool', device: x.device }) as Tensor<'bool'>
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    /** See `real`: a view. */
    real(): Tensor
    /** See `imag`: a view. */
    imag(): Tensor
    conj<E extends DType, A extends Shape>(this: Tensor<E, A>): Tensor<E, A>
    angle(): Tensor
    sgn(): Tensor
    isReal(): Tensor<'bool'>
  }
}
for (const [name, f] of Object.entries({ real, imag, conj, angle, sgn, isReal })) {
  method(name, function (this: Tensor) {
    return f(this)
  })
}
