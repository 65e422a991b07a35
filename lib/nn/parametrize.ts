// Parametrizations: a layer's tensor becomes a function of others, which are trained in its stead. Place in the whole: works on any
// module's field; weight-norm.ts, spectral-norm.ts and orthogonal.ts are such functions. Semantics and names are those of
// torch.nn.utils.parametrize: `parametrizations.weight.original` (or original0, original1, ...) and `parametrizations.weight.0....`.
import { noGrad } from '../autograd/mode.js'
import { known } from '../check.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { clone } from '../ops/convert.js'
import { copy_ } from '../ops/inplace.js'
import { didYouMean } from '../suggest.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { ModuleDict } from './containers.js'
import { Module } from './module.js'
import { Buffer, Parameter } from './parameter.js'

/**
 * Maps what is trained to what the layer sees, of the same shape and dtype. Any module whose forward takes a tensor is one; one that takes
 * several has a rightInverse that gives as many.
 */
export interface Parametrization extends Module {
  forward(...originals: Tensor[]): Tensor
  /**
   * Of a value, what is mapped to it, or to something near it: the originals to begin with, and those of an assignment. Without it the
   * original is the value itself. Null: there is none that can be told; the original begins as the value, and nothing can be assigned.
   */
  rightInverse?(value: Tensor): Tensor | readonly Tensor[] | null
}

type Held = Parameter | Buffer

/** The originals of one tensor, and the maps that make it of them, one after the other. */
export class ParametrizationList extends Module {
  #originals: readonly Held[]
  readonly #maps: Parametrization[]
  /** The rightInverse of the first map gave a list. */
  readonly #several: boolean

  /** Of `value`, which becomes the original where the map has no inverse. */
  constructor(map: Parametrization, value: Held) {
    super()
    const inverse = noGrad(() => map.rightInverse?.(value.detach()) ?? null)
    this.#maps = [map]
    this.#several = Array.isArray(inverse)
    this.#originals =
      inverse === null ? [value] : [inverse].flat().map((t: Tensor) => held(clone(t), value.requiresGrad, value))
  }

  get originals(): readonly Held[] {
    return this.#originals
  }

  get length(): number {
    return this.#maps.length
  }

  at(index: number): Parametrization | undefined {
    return this.#maps.at(index)
  }

  push(map: Parametrization): void {
    this.#maps.push(map)
  }

  [Symbol.iterator](): Iterator<Parametrization> {
    return this.#maps[Symbol.iterator]()
  }

  override _held(): Iterable<unknown> {
    return [...this.#originals, ...this.#maps]
  }

  override *_fields(): Generator<[string, Module | Held]> {
    for (const [i, t] of this.#originals.entries()) yield [this.#several ? `original${i}` : 'original', t]
    for (const [i, map] of this.#maps.entries()) yield [String(i), map]
  }

  override _setChild(name: string, module: Module): void {
    this.#maps[Number(name)] = module as Parametrization
  }

  override _setParameter(name: string, parameter: Parameter): void {
    const i = Number(name.slice('original'.length))
    this.#originals = this.#originals.map((t, k) => (k === i ? parameter : t))
  }

  override forward(): Tensor {
    const [first, ...others] = this.#maps as [Parametrization, ...Parametrization[]]
    return others.reduce((value, map) => map.call(value) as Tensor, first.call(...this.#originals) as Tensor)
  }

  /** Makes `value` the original, where there is one like it: optimizers may refer to that very object. */
  keep(value: Held): void {
    const [original, ...others] = this.#originals as [Held, ...Held[]]
    if (original === value || others.length > 0 || !alike(original, value)) return
    noGrad(() => copy_(value, original))
    original.dispose()
    this.#originals = [value]
  }

  /** Changes the originals so that the result is `value`, or as near to it as the maps allow. */
  assign(value: Tensor): void {
    noGrad(() => {
      let wanted: Tensor | readonly Tensor[] = value.detach()
      for (const map of [...this.#maps].reverse()) {
        const inverse: Tensor | readonly Tensor[] | null = map.rightInverse
          ? map.rightInverse(wanted as Tensor)
          : wanted
        if (inverse === null)
          throw new ValueError(
            `${map.constructor.name}: cannot tell what is mapped to a value, so that nothing can be assigned`,
          )
        wanted = inverse
      }
      const values = [wanted].flat() as Tensor[]
      this.#originals.forEach((original, i) => void copy_(original, values[i] as Tensor))
    })
  }
}

const alike = (a: Tensor, b: Tensor): boolean => sameShape(a.shape, b.shape) && a.dtype === b.dtype

function held(value: Tensor, requiresGrad: boolean, like: Held): Held {
  return like instanceof Parameter ? new Parameter(value, { requiresGrad }) : new Buffer(value)
}

/** A module whose fields are looked at by name. */
type Fields = Module & Record<string, unknown> & { parametrizations?: ModuleDict<ParametrizationList> }

/** Of parametrized fields, by module: their names in state dicts. */
const names = new WeakMap<Module, Map<string, string>>()

/**
 * From now on `module[field]`, a parameter or buffer, is the result of `map`, computed whenever it is read. Further parametrizations of a
 * field take the result of those before.
 *
 * @returns the module
 * @throws ValueError when there is no such field, ShapeError or DTypeError when the map gives another shape or dtype
 */
export function registerParametrization<M extends Module>(module: M, field: string, map: Parametrization): M {
  const fields = module as unknown as Fields
  const earlier = listOf(module, field)
  if (earlier) {
    const before = noGrad(() => earlier.call())
    const after = noGrad(() => map.call(before) as Tensor)
    checkResult(module, field, after, before)
    map.train(module.training)
    earlier.push(map)
    return module
  }
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined
  if (!(value instanceof Parameter || value instanceof Buffer)) {
    const all = Object.keys(fields).filter((key) => fields[key] instanceof Parameter || fields[key] instanceof Buffer)
    throw new ValueError(
      `registerParametrization: ${module.constructor.name} has no parameter or buffer '${field}'${didYouMean(field, all)} (it has ${all.join(', ') || 'none'})`,
    )
  }
  const name = [...module._fields()].find(([, held]) => held === value)?.[0] ?? field
  const list = new ParametrizationList(map, value)
  list.train(module.training)
  const first = noGrad(() => list.call())
  checkResult(module, field, first, value)
  list.keep(value)
  const own = names.get(module) ?? new Map<string, string>()
  names.set(module, own.set(field, name))
  replaceField(module, field, list)
  fields.parametrizations ??= new ModuleDict()
  fields.parametrizations.set(name, list)
  return module
}

/**
 * Not enumerable: what walks over a module's fields must find the originals alone. A function of its own, as closures share their
 * variables and the field's must not keep the tensor that was there.
 */
function replaceField(module: Module, field: string, list: ParametrizationList): void {
  Object.defineProperty(module, field, {
    configurable: true,
    enumerable: false,
    get: () => list.call(),
    set: (wanted: Tensor) => list.assign(wanted),
  })
}

function checkResult(module: Module, field: string, result: Tensor, value: Tensor): void {
  const what = `registerParametrization: ${module.constructor.name}.${field}`
  if (!sameShape(result.shape, value.shape))
    throw new ShapeError(`${what} is ${show(value.shape)}, the parametrization gives ${show(result.shape)}`)
  if (result.dtype !== value.dtype)
    throw new DTypeError(`${what} is ${value.dtype}, the parametrization gives ${result.dtype}`)
}

function listOf(module: Module, field: string): ParametrizationList | undefined {
  const name = names.get(module)?.get(field)
  return name === undefined ? undefined : (module as unknown as Fields).parametrizations?.get(name)
}

/** Whether the field, or without one any field of the module, is parametrized. */
export function isParametrized(module: Module, field?: string): boolean {
  return field === undefined ? (names.get(module)?.size ?? 0) > 0 : listOf(module, field) !== undefined
}

export interface RemoveOptions {
  /** The field keeps the value that the parametrizations give; else it becomes the original. Default true. */
  leaveParametrized?: boolean
}

/**
 * Undoes all of a field's parametrizations: it is a parameter or buffer again, where there was one original that very object.
 *
 * @returns the module
 * @throws ValueError when the field is not parametrized, or was made of several originals and is not to keep its value
 */
export function removeParametrizations<M extends Module>(module: M, field: string, options: RemoveOptions = {}): M {
  known('removeParametrizations', options, ['leaveParametrized'])
  const { leaveParametrized = true } = options
  const list = listOf(module, field)
  if (!list) throw new ValueError(`removeParametrizations: ${module.constructor.name}.${field} is not parametrized`)
  const [original, ...others] = list.originals as [Held, ...Held[]]
  if (!leaveParametrized && others.length > 0)
    throw new ValueError(
      `removeParametrizations: ${module.constructor.name}.${field} is made of ${list.originals.length} originals; with leaveParametrized it keeps its value`,
    )
  const value = noGrad(() => list.call())
  const same = others.length === 0 && alike(original, value)
  const kept = same || !leaveParametrized ? original : held(clone(value), original.requiresGrad, original)
  if (kept === original && leaveParametrized) noGrad(() => copy_(original, value))
  const fields = module as unknown as Fields
  const own = names.get(module) as Map<string, string>
  const name = own.get(field)
  own.delete(field)
  Object.defineProperty(module, field, { configurable: true, enumerable: true, writable: true, value: kept })
  const rest = [...(fields.parametrizations as ModuleDict<ParametrizationList>)].filter(([key]) => key !== name)
  if (rest.length > 0) fields.parametrizations = new ModuleDict(rest)
  else delete fields.parametrizations
  return module
}
