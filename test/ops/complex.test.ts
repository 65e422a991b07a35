/** Complex tensors: storage, copies, casts and views; functions of numbers refuse them (each OpSpec tests that). */
import { describe, expect, test } from 'vitest'
import { cast, concat, engine, full, scope, stack, type Tensor, tensor } from '#lib/index.js'

const devices = engine.info().devices

for (const device of devices) {
  describe.each(['c64', 'c128'] as const)(`${device} %s`, (dtype) => {
    const pairs = [1, 2, 3, -4, 5, 6, -7, 8]
    const make = (): Tensor => tensor(Float64Array.from(pairs), { dtype, shape: [2, 2], device }) as Tensor
    const read = (t: Tensor): number[] => [...(t.dataSync() as Float64Array)]

    test('holds interleaved pairs', () => {
      scope(() => {
        const z = make()
        expect(z.shape).toEqual([2, 2])
        expect(read(z)).toEqual(pairs)
        expect(z.dataSync()).toBeInstanceOf(dtype === 'c64' ? Float32Array : Float64Array)
        expect(() => z.toArraySync()).toThrow(/has no plain numbers/)
      })
    })

    test('copies and views', () => {
      scope(() => {
        const z = make()
        expect(read(z.clone())).toEqual(pairs)
        expect(read(z.transpose())).toEqual([1, 2, 5, 6, 3, -4, -7, 8])
        expect(read(z.slice(1, 1))).toEqual([3, -4, -7, 8])
        expect(read(concat([z, z], 0).slice(0, 1, 3))).toEqual([5, 6, -7, 8, 1, 2, 3, -4])
        expect(stack([z, z]).shape).toEqual([2, 2, 2])
        expect(read(full([2], 1.5, { dtype, device }) as Tensor)).toEqual([1.5, 0, 1.5, 0])
      })
    })

    test('casts: real numbers get no imaginary part, and lose it', () => {
      scope(() => {
        const z = make()
        expect(read(cast(tensor([1, -2.5], { device }), dtype))).toEqual([1, 0, -2.5, 0])
        expect(cast(z, 'f32').toArraySync()).toEqual([
          [1, 3],
          [5, -7],
        ])
        expect(cast(z, 'i64').toArraySync()).toEqual([
          [1, 3],
          [5, -7],
        ])
        expect(read(cast(z, dtype === 'c64' ? 'c128' : 'c64'))).toEqual(pairs)
      })
    })
  })
}
