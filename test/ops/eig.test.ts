/** Eigenvalues of matrices that are no random ones: defective, repeated, badly scaled, with known values; and the phases' check. */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { engine, linalg, type Tensor, tensor, zeros } from '#lib/index.js'
import { matrixNorm } from '#lib/ops/linalg/index.js'

const EPS = 2 ** -52

type Number = readonly [number, number]
const matrix = (rows: number[][], device: string): Tensor => tensor(rows, { dtype: 'f64', device }) as Tensor
const numbers = (z: Tensor): Number[] => {
  const flat = [...(z.dataSync() as Float64Array)]
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] as number, flat[2 * i + 1] as number])
}
/** Each expected value has one found value of its own within the tolerance. */
function expectValues(found: Tensor, expected: readonly Number[], tolerance: number): void {
  const rest = numbers(found)
  expect(rest.length).toBe(expected.length)
  for (const [re, im] of expected) {
    const distance = rest.map(([a, b]) => Math.hypot(a - re, b - im))
    const nearest = distance.indexOf(Math.min(...distance))
    expect(distance[nearest], `${re} + ${im}i among ${JSON.stringify(rest)}`).toBeLessThanOrEqual(tolerance)
    rest.splice(nearest, 1)
  }
}
/** The largest element of x v - v diag(w), relative to x. */
function residual(x: Tensor): number {
  const { values, vectors } = linalg.eig(x)
  const difference = ops.sub(ops.matmul(ops.cast(x, values.dtype), vectors), ops.mul(vectors, values.unsqueeze(-2)))
  return ops.abs(difference).amax().itemSync() / Math.max(ops.abs(x).amax().itemSync(), Number.MIN_VALUE)
}

// CUDA has no kernels of decompositions.
for (const device of engine.info().devices.filter((d) => !d.startsWith('cuda'))) {
  describe(device, () => {
    // Of a block of order k an error of eps moves the eigenvalue by eps^(1/k); triangles are exact.
    test('defective matrices', () => {
      expectValues(
        linalg.eigvals(
          matrix(
            [
              [2, 1],
              [0, 2],
            ],
            device,
          ),
        ),
        [
          [2, 0],
          [2, 0],
        ],
        0,
      )
      const jordan = [
        [3, 1, 0],
        [0, 3, 1],
        [0, 0, 3],
      ]
      expectValues(
        linalg.eigvals(matrix(jordan, device)),
        [
          [3, 0],
          [3, 0],
          [3, 0],
        ],
        0,
      )
      // Not triangular: (x - 2)^2 (x - 1), one vector for 2.
      const hidden = matrix(
        [
          [0, 2, -1],
          [-3, 5, -2],
          [-2, 2, 0],
        ],
        device,
      )
      expectValues(
        linalg.eigvals(hidden),
        [
          [1, 0],
          [2, 0],
          [2, 0],
        ],
        16 * Math.sqrt(EPS),
      )
      // The oracle's inverse iteration is for simple eigenvalues.
      if (device !== 'reference') expect(residual(hidden)).toBeLessThan(64 * EPS)
    })

    test('vectors of a defective matrix are the same direction', () => {
      const { vectors } = linalg.eig(
        matrix(
          [
            [2, 1],
            [0, 2],
          ],
          device,
        ),
      )
      const [a, b, c, d] = numbers(vectors).map(([re]) => Math.abs(re)) as [number, number, number, number]
      for (const x of [a, b]) expect(x).toBeCloseTo(1, 12)
      for (const x of [c, d]) expect(x).toBeLessThan(1e-12)
    })

    test('rotations, exact pairs', () => {
      const w = linalg.eigvals(
        matrix(
          [
            [0, -1],
            [1, 0],
          ],
          device,
        ),
      )
      expectValues(
        w,
        [
          [0, 1],
          [0, -1],
        ],
        4 * EPS,
      )
      const cyclic = matrix(
        [
          [0, 0, 0, 1],
          [1, 0, 0, 0],
          [0, 1, 0, 0],
          [0, 0, 1, 0],
        ],
        device,
      )
      expectValues(
        linalg.eigvals(cyclic),
        [
          [1, 0],
          [-1, 0],
          [0, 1],
          [0, -1],
        ],
        16 * EPS,
      )
      expect(residual(cyclic)).toBeLessThan(16 * EPS)
    })

    test('matrices without elements, of one element, in batches of none', () => {
      for (const shape of [
        [0, 0],
        [2, 0, 0],
        [0, 3, 3],
      ]) {
        const { values, vectors } = linalg.eig(zeros(shape, { device }))
        expect([values.shape, vectors.shape]).toEqual([shape.slice(0, -1), shape])
        expect([values.dtype, vectors.dtype]).toEqual(['c64', 'c64'])
      }
      const { values, vectors } = linalg.eig(matrix([[-4]], device))
      expect([numbers(values), numbers(vectors)]).toEqual([[[-4, 0]], [[1, 0]]])
    })

    test('a function of the phases has no gradient', async () => {
      const x = matrix(
        [
          [1, 2, 0],
          [-3, 1, 1],
          [0.5, 0, 2],
        ],
        device,
      ).requiresGrad_()
      ops.sum(ops.imag(linalg.eig(x).vectors.square())).backward()
      await expect((x.grad as Tensor).data()).rejects.toThrow(
        /gradient depends on the phase of eigenvector \d of batch entry 0/,
      )
    })
  })
}

describe('cpu', () => {
  test('repeated eigenvalues with vectors of their own', () => {
    for (const rows of [
      [
        [0, 0],
        [0, 0],
      ],
      [
        [2, 0, 0],
        [0, 2, 0],
        [0, 0, 5],
      ],
      [
        [1, 2],
        [2, 1],
      ],
    ]) {
      const { vectors } = linalg.eig(matrix(rows, 'cpu'))
      expect(ops.abs(linalg.det(vectors)).itemSync()).toBeGreaterThan(0.9)
      expect(residual(matrix(rows, 'cpu'))).toBeLessThan(16 * EPS)
    }
  })

  test('a triangle in disguise keeps its exact values', () => {
    // Nilpotent: the edges of a graph without circles.
    const edges = zeros([5, 5], { dtype: 'f64' })
    const graph = [
      [3, 1],
      [1, 0],
      [3, 0],
      [2, 4],
      [4, 0],
    ]
    const rows = (edges.toArraySync() as number[][]).map((row, i) =>
      row.map((_, j) => (graph.some(([a, b]) => a === i && b === j) ? 1 : 0)),
    )
    expectValues(
      linalg.eigvals(matrix(rows, 'cpu')),
      Array.from({ length: 5 }, () => [0, 0] as const),
      0,
    )
  })

  test('rows of very different sizes, and extreme scales', () => {
    const graded = matrix(
      [
        [1, 1e8, 0],
        [1e-8, 2, 1e6],
        [0, 1e-6, 3],
      ],
      'cpu',
    )
    // Similar to ((1, 1, 0), (1, 2, 1), (0, 1, 3)): 2 and 2 +- sqrt(3).
    expectValues(
      linalg.eigvals(graded),
      [
        [2, 0],
        [2 + Math.sqrt(3), 0],
        [2 - Math.sqrt(3), 0],
      ],
      32 * EPS,
    )
    for (const scale of [1e-200, 1e200]) {
      const x = matrix(
        [
          [0, -scale],
          [scale, 0],
        ],
        'cpu',
      )
      expectValues(
        linalg.eigvals(x),
        [
          [0, scale],
          [0, -scale],
        ],
        4 * EPS * scale,
      )
    }
  })

  test('larger matrices, real and complex', () => {
    for (const n of [40, 120]) {
      const x = ops.randn([n, n], { dtype: 'f64' })
      const z = ops.viewAsComplex(ops.randn([n, n, 2], { dtype: 'f64' }))
      for (const a of [x, z]) expect(residual(a)).toBeLessThan(n * 16 * EPS)
      // Values are those of the matrix: their sum is the trace, their product the determinant.
      const w = linalg.eigvals(z)
      const norm = matrixNorm(x).itemSync()
      const trace = ops.sub(ops.sum(w), ops.sum(ops.diagonal(z)))
      expect(ops.abs(trace).itemSync()).toBeLessThan(n * EPS * norm)
    }
  })

  test('batches are independent of each other', () => {
    const x = ops.randn([7, 4, 4])
    const all = linalg.eig(x)
    for (let i = 0; i < 7; i++) {
      const one = linalg.eig(x.select(0, i).clone())
      expect(numbers(all.values.select(0, i).clone())).toEqual(numbers(one.values))
      expect(numbers(all.vectors.select(0, i).clone())).toEqual(numbers(one.vectors))
    }
  })
})
