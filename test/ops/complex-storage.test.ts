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
        const nested = [
          [
            { re: 1, im: 2 },
            { re: 3, im: -4 },
          ],
          [
            { re: 5, im: 6 },
            { re: -7, im: 8 },
          ],
        ]
        expect(z.toArraySync()).toEqual(nested)
        expect(read(tensor(nested, { dtype, device }) as Tensor)).toEqual(pairs)
        expect(tensor(nested, { device }).dtype).toBe('c64')
        expect(read(tensor([1, 2], { dtype, device }) as Tensor)).toEqual([1, 0, 2, 0])
        expect(() => tensor([1, { re: 1, im: 0 }], { device })).toThrow(/complex numbers \{re, im\} and other values/)
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
        expect(read(full([2], { re: 1, im: -2 }, { dtype, device }) as Tensor)).toEqual([1, -2, 1, -2])
        expect(() => full([2], { re: 1, im: -2 }, { dtype: 'f32', device })).toThrow(/for a f32 tensor/)
      })
    })

    test('in-place operators, strided too', () => {
      scope(() => {
        const z = make()
        const column = z.select(1, 1)
        column.add_(tensor(Float64Array.from([1, 1, 0, 2]), { dtype, device }), { alpha: 2 })
        expect(read(z)).toEqual([1, 2, 5, -2, 5, 6, -7, 12])
        z.mul_(tensor([{ re: 0, im: 1 }], { dtype, device })).mul_(2)
        expect(read(z)).toEqual([-4, 2, 4, 10, -12, 10, -24, -14])
        column.fill_({ re: 1, im: 3 })
        expect(read(z)).toEqual([-4, 2, 1, 3, -12, 10, 1, 3])
      })
    })

    test('gradients collect, and a complex result needs a cotangent', () => {
      scope(() => {
        const z = make().requiresGrad_()
        expect(() => z.sum().backward()).toThrow(/a complex number has no gradient of its own/)
        z.mul(2).real().sum().backward()
        z.imag().sum().backward()
        expect(read(z.grad as Tensor)).toEqual([2, 1, 2, 1, 2, 1, 2, 1])
        const x = tensor([3], { device, requiresGrad: true })
        x.mul({ re: 1, im: 2 }).imag().sum().backward()
        expect(x.grad?.toArraySync()).toEqual([2])
      })
    })

    test('promotion with real tensors and complex numbers', () => {
      scope(() => {
        const x = tensor([1, 2], { device })
        expect(x.add({ re: 0, im: 1 }).dtype).toBe('c64')
        expect(x.cast('f64').mul({ re: 0, im: 1 }).dtype).toBe('c128')
        expect(read(make().select(0, 0).add(x))).toEqual([2, 2, 5, -4])
        expect(() => make().floor()).toThrow(/floor takes real numbers only/)
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
