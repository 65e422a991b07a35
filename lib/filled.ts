// Typed arrays made element by element. Place in the whole: wherever data decide how long one is, as `from` of a typed array with a
// function takes 300 to 1,000 nanoseconds an element (Node 20), and a loop 20.

type Numbers =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
type BigInts = BigInt64Array | BigUint64Array

/** `array`, with element(i) at each i. */
export function filled<A extends Numbers>(array: A, element: (i: number) => number): A
export function filled<A extends BigInts>(array: A, element: (i: number) => bigint): A
export function filled(
  array: { [i: number]: number | bigint; length: number },
  element: (i: number) => number | bigint,
) {
  for (let i = 0; i < array.length; i++) array[i] = element(i)
  return array
}

/** 0 to length - 1. */
export function sequence(length: number): Uint32Array {
  return filled(new Uint32Array(length), (i) => i)
}
