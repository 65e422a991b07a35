/** Matrix products as text, such as `bf16:nt:512x3072x768`. Place in the whole: names them in the tuning file and for `tune`. */
import { ValueError } from '../errors.js'
import type { DType } from '../tensor/dtype.js'

export interface ProductShape {
  readonly dtype: DType
  /** a is stored (k, m); b is stored (n, k), as a Linear layer's weight is. */
  readonly transposedA: boolean
  readonly transposedB: boolean
  /** b was packed before (`packMatrix`). */
  readonly packed: boolean
  readonly batch: number
  readonly m: number
  readonly n: number
  readonly k: number
}

const DTYPES: readonly DType[] = ['f32', 'f64', 'bf16', 'f16']
const FORMS = ['nn', 'nt', 'tn', 'tt', 'packed'] as const
const SYNTAX =
  '[dtype:][form:][batch x]MxNxK, dtype one of f32 (if absent), f64, bf16, f16, form one of nn (if absent), nt, tn, tt, packed'
/** Of one dimension: products have at most 2^53 elements. */
const MOST = 2 ** 31 - 1

/**
 * Reads `[dtype:][form:][batch x]MxNxK`: a (m, k) times b (k, n). The form says how a and b are stored: t transposed, n not; `packed` is
 * a product with what `packMatrix` made.
 *
 * @throws ValueError when the text is no such product
 */
export function parseProduct(text: string): ProductShape {
  const parts = text.split(':')
  const sizes = (parts.pop() as string).split('x').map((part) => (/^\d+$/.test(part) ? Number(part) : 0))
  const dtype = DTYPES.find((d) => d === parts[0])
  if (dtype !== undefined) parts.shift()
  const form = FORMS.find((f) => f === parts[0])
  if (form !== undefined) parts.shift()
  const whole = sizes.every((size) => size >= 1 && size <= MOST)
  if (parts.length > 0 || !whole || sizes.length < 3 || sizes.length > 4) {
    throw new ValueError(`"${text}" is no product: expected ${SYNTAX}, as in nt:512x3072x768`)
  }
  const [k, n, m, batch = 1] = sizes.reverse() as [number, number, number, number?]
  if (form === 'packed' && batch !== 1) throw new ValueError(`"${text}": a packed product has no batch`)
  return {
    dtype: dtype ?? 'f32',
    transposedA: form?.[0] === 't',
    transposedB: form !== 'packed' && form?.[1] === 't',
    packed: form === 'packed',
    batch,
    m,
    n,
    k,
  }
}

/** The shortest text that `parseProduct` reads as this product; the dtype is always named. */
export function formatProduct(p: ProductShape): string {
  const form = p.packed ? 'packed' : `${p.transposedA ? 't' : 'n'}${p.transposedB ? 't' : 'n'}`
  const sizes = [...(p.batch === 1 ? [] : [p.batch]), p.m, p.n, p.k]
  return [p.dtype, ...(form === 'nn' ? [] : [form]), sizes.join('x')].join(':')
}
