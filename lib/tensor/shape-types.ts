/**
 * Shapes at type level: literal shapes give literal results, `number` and plain arrays stay open. Place in the whole: the types
 * of the operators' methods; nothing here exists at run time.
 *
 * A misfit is a ShapeMismatch, whose message the compiler shows; `Fits` turns it into an error of the call.
 */
import type { Shape } from './shape.js'

/** A type error that reads as a sentence. */
export interface ShapeMismatch<Message extends string> {
  readonly shapeMismatch: Message
}

/** `unknown` for a good shape, else the mismatch: intersected with an argument's type it makes the call an error. */
export type Fits<R> = R extends ShapeMismatch<string> ? R : unknown

/** '(2, 3)' */
export type Show<S extends Shape> = S extends readonly []
  ? '()'
  : S extends readonly [infer D extends number]
    ? `(${D})`
    : S extends readonly [infer D extends number, ...infer R extends Shape]
      ? `(${D}${ShowRest<R>}`
      : '(...)'
type ShowRest<S extends Shape> = S extends readonly [infer D extends number, ...infer R extends Shape]
  ? `, ${D}${ShowRest<R>}`
  : ')'

/** True for a shape whose every size is a literal. */
export type IsLiteral<S extends Shape> = number extends S['length'] ? false : number extends S[number] ? false : true

// ---- broadcasting

type Dim<A extends number, B extends number> = number extends A
  ? B extends 1
    ? A
    : B
  : number extends B
    ? A extends 1
      ? B
      : A
    : A extends B
      ? A
      : A extends 1
        ? B
        : B extends 1
          ? A
          : never

type Zip<A extends Shape, B extends Shape, R extends Shape = []> = A extends readonly [
  ...infer AI extends Shape,
  infer AL extends number,
]
  ? B extends readonly [...infer BI extends Shape, infer BL extends number]
    ? [Dim<AL, BL>] extends [never]
      ? never
      : Zip<AI, BI, [Dim<AL, BL>, ...R]>
    : [...A, ...R]
  : [...B, ...R]

/** Shape of a pointwise result, or a ShapeMismatch. */
export type Broadcast<A extends Shape, B extends Shape> = number extends A['length']
  ? Shape
  : number extends B['length']
    ? Shape
    : [Zip<A, B>] extends [never]
      ? ShapeMismatch<`shapes ${Show<A>} and ${Show<B>} do not broadcast`>
      : Zip<A, B>

/** The shape of a result type that may be a mismatch, which `Fits` reports. */
export type ShapeOf<R> = R extends Shape ? R : Shape

// ---- products

type Inner<K1 extends number, K2 extends number, R> = number extends K1
  ? R
  : number extends K2
    ? R
    : K1 extends K2
      ? R
      : ShapeMismatch<`matmul: inner dimensions differ: ${K1} and ${K2}`>

type Batch<P extends Shape, Q extends Shape, Rest extends Shape> = [Zip<P, Q>] extends [never]
  ? ShapeMismatch<`matmul: batches ${Show<P>} and ${Show<Q>} do not broadcast`>
  : [...Zip<P, Q>, ...Rest]

/** Shape of a matrix product, or a ShapeMismatch. */
export type MatMul<A extends Shape, B extends Shape> = number extends A['length']
  ? Shape
  : number extends B['length']
    ? Shape
    : A extends readonly [...infer P extends Shape, infer M extends number, infer K1 extends number]
      ? B extends readonly [...infer Q extends Shape, infer K2 extends number, infer N extends number]
        ? Inner<K1, K2, Batch<P, Q, [M, N]>>
        : B extends readonly [infer K2 extends number]
          ? Inner<K1, K2, [...P, M]>
          : Shape
      : A extends readonly [infer K1 extends number]
        ? B extends readonly [...infer Q extends Shape, infer K2 extends number, infer N extends number]
          ? Inner<K1, K2, [...Q, N]>
          : B extends readonly [infer K2 extends number]
            ? Inner<K1, K2, []>
            : Shape
        : Shape

/** Shape with its last two dimensions exchanged. */
export type Transposed<S extends Shape> = S extends readonly [
  ...infer P extends Shape,
  infer M extends number,
  infer N extends number,
]
  ? [...P, N, M]
  : Shape

/** What a layer that maps the last dimension from In to Out gives, or a ShapeMismatch. */
export type LastDim<S extends Shape, In extends number, Out extends number> = S extends readonly [
  ...infer P extends Shape,
  infer D extends number,
]
  ? number extends D
    ? [...P, Out]
    : number extends In
      ? [...P, Out]
      : D extends In
        ? [...P, Out]
        : ShapeMismatch<`the last dimension is ${D}, the layer takes ${In}`>
  : Shape

// ---- reductions

type Indices<S extends Shape> = { [I in keyof S]: I } extends infer T ? T[keyof T & `${number}`] : never

/** Axis as a non-negative literal, as a string: '0', '1', ... */
type Natural<S extends Shape, Axis extends number> = `${Axis}` extends `-${infer N extends number}`
  ? FromEnd<S, N>
  : `${Axis}`
type FromEnd<S extends Shape, N extends number> = S extends readonly [...infer P extends Shape, number]
  ? N extends 1
    ? `${P['length'] & number}`
    : N extends keyof Before
      ? FromEnd<P, Before[N]>
      : string
  : string
/** N - 1 for the axes that anybody writes. */
interface Before {
  2: 1
  3: 2
  4: 3
  5: 4
  6: 5
  7: 6
  8: 7
}

type Without<
  S extends Shape,
  Axes extends string,
  Keep extends boolean,
  At extends unknown[] = [],
> = S extends readonly [infer D extends number, ...infer R extends Shape]
  ? `${At['length']}` extends Axes
    ? Keep extends true
      ? [1, ...Without<R, Axes, Keep, [...At, 0]>]
      : Without<R, Axes, Keep, [...At, 0]>
    : [D, ...Without<R, Axes, Keep, [...At, 0]>]
  : []

/** Shape after reducing one axis (or several, as a tuple of literals); open where the axes are not literal. */
export type Reduced<
  S extends Shape,
  Axes extends number | readonly number[] | undefined,
  Keep extends boolean = false,
> = number extends S['length']
  ? Shape
  : boolean extends Keep
    ? Shape
    : [Axes] extends [undefined]
      ? Keep extends true
        ? { [I in keyof S]: 1 }
        : []
      : Axes extends number
        ? OneAxis<S, Axes, Keep>
        : Axes extends readonly number[]
          ? number extends Axes[number]
            ? Shape
            : SeveralAxes<S, Axes[number], Keep>
          : Shape

type OneAxis<S extends Shape, Axis extends number, Keep extends boolean> = number extends Axis
  ? Shape
  : SeveralAxes<S, Axis, Keep>

/** Axes as a union of literals. A number counts as a vector of one element. */
type SeveralAxes<S extends Shape, Axes extends number, Keep extends boolean> = [
  S['length'],
  Exclude<Axes, 0 | -1>,
] extends [0, never]
  ? []
  : [OutOfRange<S, Axes>] extends [never]
    ? Without<S, Axes extends number ? Natural<S, Axes> : never, Keep>
    : ShapeMismatch<`axis ${OutOfRange<S, Axes>} is out of range for ${Show<S>}`>
type OutOfRange<S extends Shape, Axes extends number> = Axes extends number
  ? Natural<S, Axes> extends Indices<S>
    ? never
    : Axes
  : never

/** The axes argument of a reduction: an axis that is out of range is an error of the call. */
export type AxesFor<S extends Shape, A extends number | readonly number[] | undefined> = A & Fits<Reduced<S, A>>

/** The shape of a reduction's result. */
export type After<
  S extends Shape,
  A extends number | readonly number[] | undefined,
  Keep extends boolean = false,
> = ShapeOf<Reduced<S, A, Keep>>

// ---- reshape: the number of elements, by long multiplication on decimal digits

/** Digits from the lowest. */
type Digits<S extends string, R extends string[] = []> = S extends `${infer D}${infer Rest}`
  ? Digits<Rest, [D, ...R]>
  : R

/** A tuple of N elements, for sums up to 90. */
type Count<N extends number, T extends 0[] = []> = T['length'] extends N ? T : Count<N, [...T, 0]>
type Plus<A extends number, B extends number> = [...Count<A>, ...Count<B>]['length'] & number

// biome-ignore format: a table
interface Times {
  0: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  1: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  2: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]
  3: [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]
  4: [0, 4, 8, 12, 16, 20, 24, 28, 32, 36]
  5: [0, 5, 10, 15, 20, 25, 30, 35, 40, 45]
  6: [0, 6, 12, 18, 24, 30, 36, 42, 48, 54]
  7: [0, 7, 14, 21, 28, 35, 42, 49, 56, 63]
  8: [0, 8, 16, 24, 32, 40, 48, 56, 64, 72]
  9: [0, 9, 18, 27, 36, 45, 54, 63, 72, 81]
}
type Product<A extends string, B extends string> = Times[ToNumber<A> & keyof Times][ToNumber<B> & keyof Times[0]] &
  number
type ToNumber<S extends string> = S extends `${infer N extends number}` ? N : never

/** Carry (or 0) and digit of a number below 100. */
type Split<N extends number> = `${N}` extends `${infer T}${infer U}`
  ? U extends ''
    ? [0, T]
    : [ToNumber<T>, U]
  : never

type TimesDigit<A extends string[], D extends string, Carry extends number = 0, R extends string[] = []> = A extends [
  infer X extends string,
  ...infer Rest extends string[],
]
  ? Split<Plus<Product<X, D>, Carry>> extends [infer C extends number, infer U extends string]
    ? TimesDigit<Rest, D, C, [...R, U]>
    : never
  : Carry extends 0
    ? R
    : [...R, ...Digits<`${Carry}`>]

type Add<A extends string[], B extends string[], Carry extends number = 0, R extends string[] = []> = A extends [
  infer X extends string,
  ...infer AR extends string[],
]
  ? B extends [infer Y extends string, ...infer BR extends string[]]
    ? Split<Plus<Plus<ToNumber<X>, ToNumber<Y>>, Carry>> extends [infer C extends number, infer U extends string]
      ? Add<AR, BR, C, [...R, U]>
      : never
    : Carry extends 0
      ? [...R, ...A]
      : Add<A, ['1'], 0, R>
  : B extends []
    ? Carry extends 0
      ? R
      : [...R, '1']
    : Add<B, A, Carry, R>

type Multiply<A extends string[], B extends string[]> = B extends [
  infer D extends string,
  ...infer Rest extends string[],
]
  ? Rest extends []
    ? TimesDigit<A, D>
    : [TimesDigit<A, D>, Multiply<A, Rest>] extends [infer P extends string[], infer Q extends string[]]
      ? Add<P, ['0', ...Q]>
      : never
  : ['0']

type Numel<S extends Shape, R extends string[] = ['1']> = S extends readonly [
  infer D extends number,
  ...infer Rest extends Shape,
]
  ? D extends 0
    ? ['0']
    : Multiply<R, Digits<`${D}`>> extends infer M extends string[]
      ? Numel<Rest, M>
      : never
  : R

type Join<D extends string[]> = D extends [infer X extends string, ...infer R extends string[]] ? `${Join<R>}${X}` : ''

type Count1<S extends Shape, R extends 0[] = []> = S extends readonly [infer D, ...infer Rest extends Shape]
  ? Count1<Rest, D extends -1 ? [...R, 0] : R>
  : R['length']

/** The target of a reshape, or a ShapeMismatch; a target with -1 keeps it open. */
export type Reshape<From extends Shape, To extends Shape> =
  IsLiteral<To> extends false
    ? To
    : Count1<To> extends 0
      ? IsLiteral<From> extends false
        ? To
        : Numel<From> extends Numel<To>
          ? To
          : ShapeMismatch<`reshape: ${Show<From>} has ${Join<Numel<From>>} elements, ${Show<To>} has ${Join<Numel<To>>}`>
      : { [I in keyof To]: To[I] extends -1 ? number : To[I] }
