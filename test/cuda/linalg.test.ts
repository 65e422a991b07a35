/**
 * Linear algebra on CUDA (cuda/kernels/linalg) against the CPU in the same or higher precision, in sizes that take several tiles, cuts
 * and items. Place in the whole: the operator tests (test/ops/linalg, complex-linalg, spectral) have the semantics in small sizes.
 */
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { OP } from '#lib/generated/ops.js'
import * as ops from '#lib/index.js'
import { engine, Generator, scope, type Tensor, tensor } from '#lib/index.js'
import { make } from '#lib/ops/emit.js'
import type { DType } from '#lib/tensor/dtype.js'
import { caught } from '../opspec/plan.js'

const device = engine.info().devices.find((d) => d.startsWith('cuda'))
if (device === undefined) console.log('no CUDA device here, real or simulated: linear algebra on CUDA is not tested')

const EPS: Partial<Record<DType, number>> = { f32: 2 ** -23, f64: 2 ** -52, c64: 2 ** -23, c128: 2 ** -52 }
const wide = (d: DType): DType => (d === 'f32' ? 'f64' : d === 'c64' ? 'c128' : d)

/** The largest difference of two tensors, and the largest absolute value of the second. */
function distance(found: Tensor, exact: Tensor): [number, number] {
  if (exact.numel === 0) return [0, 0]
  const y = found.to('cpu').to(exact.dtype) as Tensor
  const largest = (t: Tensor): number => (ops.max(ops.abs(t) as Tensor) as Tensor).dataSync()[0] as number
  return [largest(ops.sub(y, exact) as Tensor), largest(exact)]
}

/** `found` is `exact` but for so many units of its largest element. */
function close(what: string, found: Tensor, exact: Tensor, roundings: number): void {
  expect(found.shape, what).toEqual(exact.shape)
  const [error, size] = distance(found, exact)
  const tolerance = roundings * (EPS[found.dtype] as number) * size
  if (!(error <= tolerance)) expect.fail(`${what}: off by ${error}, tolerance ${tolerance}`)
}

const generator = new Generator(17)
/** Values of -1 to 1. */
function values(shape: readonly number[], dtype: DType): Tensor {
  return ops
    .sub(ops.rand(shape, { dtype: 'f64', generator }), 0.5)
    .mul(2)
    .to(dtype) as Tensor
}
function numbersOf(shape: readonly number[], dtype: DType): Tensor {
  if (dtype !== 'c64' && dtype !== 'c128') return values(shape, dtype)
  return ops.complex(values(shape, 'f64'), values(shape, 'f64')).to(dtype) as Tensor
}

const describeCuda = describe.skipIf(device === undefined)

describeCuda('triangles on cuda', () => {
  // Without a good diagonal the solution grows with every row.
  const triangle = (batch: readonly number[], n: number, dtype: DType): Tensor => {
    const a = numbersOf([...batch, n, n], dtype).mul(1 / Math.max(1, n)) as Tensor
    return ops.add(a, ops.eye(n, n, { dtype })) as Tensor
  }
  const solve = (a: Tensor, b: Tensor, upper: boolean, unit: boolean, transposed: boolean): Tensor =>
    make(
      'solveTriangular',
      OP.solveTriangular,
      b.dtype,
      b.shape,
      a,
      b,
      [Number(upper), Number(unit), Number(transposed)],
      b.numel,
    )
  const check = (
    dtype: DType,
    batch: readonly number[],
    n: number,
    columns: number,
    modes: readonly number[],
  ): void => {
    for (const mode of modes)
      scope(() => {
        const flags = [mode & 1, mode & 2, mode & 4].map(Boolean) as [boolean, boolean, boolean]
        const [a, b] = [triangle(batch, n, dtype), numbersOf([...batch, n, columns], dtype)]
        const exact = solve(a.to(wide(dtype)) as Tensor, b.to(wide(dtype)) as Tensor, ...flags)
        const found = solve(a.to(device as string) as Tensor, b.to(device as string) as Tensor, ...flags)
        close(`${dtype} (${batch}) ${n} x ${columns}, mode ${mode}`, found, exact, 4 + 2 * Math.sqrt(n))
      })
  }
  const ALL = [0, 1, 2, 3, 4, 5, 6, 7]

  test('around a tile, in all modes and dtypes', () => {
    for (const dtype of ['f32', 'f64', 'c64', 'c128'] as const) {
      check(dtype, [], 37, 5, ALL)
      check(dtype, [3], 1, 1, [0, 5])
      check(dtype, [2], 32, 33, [1, 4])
      check(dtype, [2, 2], 3, 2, [2, 7])
    }
  })

  test('several tiles whole', () => {
    check('f32', [2], 97, 3, ALL)
    check('c64', [2], 131, 2, [0, 5])
    check('f64', [67], 130, 33, [3]) // blocks enough for every multiprocessor: nothing is cut
  })

  test('large triangles in halves', () => {
    check('f32', [], 131, 17, ALL)
    check('f32', [], 257, 1, [0, 1])
    check('f64', [], 300, 5, [4, 5])
    check('f32', [2], 131, 5, [2, 7])
  })

  test('a zero on the diagonal, and what is beyond the triangle', () => {
    const place = device as string
    scope(() => {
      const a = tensor([
        [2, Number.NaN, Number.NaN],
        [1, 0, Number.NaN],
        [1, 1, 4],
      ]) as Tensor
      const b = tensor([[2], [3], [4]]) as Tensor
      const rows = (t: Tensor): unknown => Array.from(t.dataSync() as Float32Array)
      expect(rows(solve(a.to(place) as Tensor, b.to(place) as Tensor, false, false, false))).toEqual(
        rows(solve(a, b, false, false, false)),
      )
    })
  })
})

describeCuda('small steps of factorisations on cuda', () => {
  test('permutations from pivots, in shared memory and beyond', () => {
    for (const [batch, k, m] of [
      [1, 0, 3],
      [3, 5, 5],
      [2, 33, 70],
      [1, 40, 12_289],
    ] as const)
      scope(() => {
        // Pivot i is from row i on, as of a factorisation.
        const pivots = Array.from({ length: batch * k }, (_, i) => 1 + (i % k) + ((i * 7919) % (m - (i % k))))
        const make_ = (p: Tensor): Tensor =>
          make('pivots', OP.pivotsToPermutation, 'i64', [batch, m], p, null, [], batch * m)
        const own = tensor(pivots, { dtype: 'i32', shape: [batch, k] }) as Tensor
        expect(make_(own.to(device as string) as Tensor).dataSync()).toEqual(make_(own).dataSync())
      })
  })

  test('a pivot that is no row', () => {
    scope(() => {
      const own = tensor([1, 4, 3], { dtype: 'i32' }) as Tensor
      const error = caught(() =>
        make('pivots', OP.pivotsToPermutation, 'i64', [3], own.to(device as string) as Tensor, null, [], 3).dataSync(),
      )
      expect((error as Error).message).toContain('pivotsToPermutation: pivot 4 is out of range: 1 to 3')
    })
  })

  test('the real diagonal', () => {
    for (const dtype of ['c64', 'c128'] as const)
      scope(() => {
        const run = (x: Tensor): Tensor =>
          make('gaugeReal', OP.gaugeReal, dtype === 'c64' ? 'f32' : 'f64', x.shape.slice(0, -1), x, null, [], x.numel)
        const x = ops.complex(values([3, 131, 131], 'f64'), values([3, 131, 131], 'f64').mul(0.005) as Tensor)
        const own = x.to(dtype) as Tensor
        expect(run(own.to(device as string) as Tensor).dataSync()).toEqual(run(own).dataSync())
        const turned = ops.complex(values([2, 2], 'f64'), ops.eye(2, 2, { dtype: 'f64' })).to(dtype) as Tensor
        const error = caught(() => run(turned.to(device as string) as Tensor).dataSync())
        expect((error as Error).message).toContain('the gradient depends on the phase of eigenvector')
      })
  })
})

describeCuda('factorisations on cuda', () => {
  test('without cuSOLVER: an error that says what is missing', () => {
    const program = `
      const { linalg, tensor } = await import('#lib/index.js')
      try {
        const x = tensor([[2, 1], [1, 3]]).to('cuda:0')
        linalg.cholesky(x).dataSync()
      } catch (e) {
        console.log(e.constructor.name + ': ' + e.message)
      }`
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, SINTER_CUSOLVER: '/nowhere/libcusolver.so' },
      encoding: 'utf8',
    })
    expect(said).toMatch(
      /^UnsupportedOnDeviceError: choleskyFactor: needs cuSOLVER, which is not here \(.*\/nowhere\/libcusolver\.so.*\); move its operands to 'cpu' first/,
    )
  })

  // Products of the factors give the matrix back, in sizes beyond the operator matrix's; its tests have the rest. Each is backward
  // stable: off by a rounding of the matrix's norm, which is up to n times its largest element.
  const back = (what: string, x: Tensor, product: (on: Tensor) => Tensor): void => {
    close(what, product(x.to(device as string) as Tensor), x, 4 + 4 * Math.max(...x.shape.slice(-2)))
  }
  test('batches of LU and Cholesky, real and complex', () => {
    for (const dtype of ['f32', 'f64', 'c64', 'c128'] as const)
      scope(() => {
        back(`LU ${dtype}`, numbersOf([2, 3, 17, 13], dtype), (x) => {
          const { p, l, u } = ops.linalg.lu(x)
          return ops.matmul(p, ops.matmul(l, u))
        })
        const b = numbersOf([3, 19, 19], dtype)
        const x = ops.add(ops.matmul(b, ops.conj(ops.transpose(b))), ops.mul(ops.eye(19, 19, { dtype }), 3)) as Tensor
        back(`Cholesky ${dtype}`, x, (x) => {
          const l = ops.linalg.cholesky(x)
          expect(Math.abs(ops.abs(ops.triu(l, 1)).sum().to('cpu').dataSync()[0] as number)).toBe(0)
          return ops.matmul(l, ops.conj(ops.transpose(l)))
        })
      })
  })
  test('QR, eigenvalues and singular values, tall, square and wide', () => {
    for (const dtype of ['f32', 'f64'] as const)
      for (const shape of [
        [2, 17, 11],
        [13, 13],
        [3, 7, 19],
      ])
        scope(() => {
          back(`QR ${dtype} ${shape}`, values(shape, dtype), (x) => {
            const { q, r } = ops.linalg.qr(x)
            return ops.matmul(q, r)
          })
          for (const fullMatrices of [false, true])
            back(`SVD ${dtype} ${shape} ${fullMatrices}`, values(shape, dtype), (x) => {
              const { u, s, vh } = ops.linalg.svd(x, { fullMatrices })
              const k = s.shape.at(-1) as number
              return ops.matmul(ops.mul(u.narrow(-1, 0, k), s.unsqueeze(-2)) as Tensor, vh.narrow(-2, 0, k))
            })
          if (shape.at(-1) !== shape.at(-2)) return
          const half = values([4, ...shape], dtype)
          for (const upper of [false, true])
            back(`eigh ${dtype} ${upper}`, ops.add(half, ops.transpose(half)) as Tensor, (x) => {
              const { values: w, vectors } = ops.linalg.eigh(upper ? ops.triu(x) : ops.tril(x), { upper })
              return ops.matmul(ops.mul(vectors, w.unsqueeze(-2)) as Tensor, ops.transpose(vectors))
            })
        })
  })
  test('what fails is found in the first item that does', () => {
    const message = (f: () => Tensor): string => (caught(() => scope(() => f().dataSync())) as Error).message
    const items = (n: number, bad: (x: Float32Array) => void): Tensor => {
      const data = new Float32Array(n * 9)
      for (let i = 0; i < n * 3; i++) data[Math.floor(i / 3) * 9 + (i % 3) * 4] = 1 + (i % 3)
      bad(data)
      return tensor(data, { shape: [n, 3, 3] }).to(device as string) as Tensor
    }
    const at =
      (...places: number[]) =>
      (value: number) =>
      (x: Float32Array) => {
        for (const p of places) x[p] = value
      }
    expect(message(() => ops.linalg.luFactor(items(300, at(9 * 261 + 4, 9 * 270)(0))).lu)).toContain(
      'the matrix of batch entry 261 is singular: pivot 2 of its LU factorization is zero',
    )
    expect(message(() => ops.linalg.cholesky(items(5, at(9 * 3 + 8)(-1))))).toContain(
      'the matrix of batch entry 3 is not positive definite: its leading minor of order 3 is not positive',
    )
    // The upper triangle is not read.
    expect(message(() => ops.linalg.eigvalsh(items(4, at(9 * 2 + 3, 9 + 1)(Number.NaN))))).toContain(
      'the eigenvalues of batch entry 2 did not converge',
    )
    expect(message(() => ops.linalg.svdvals(items(4, at(9 * 2 + 1)(Number.POSITIVE_INFINITY))))).toContain(
      'the singular values of batch entry 2 did not converge',
    )
  })
})

describeCuda('matrix exponentials on cuda', () => {
  const exponential = (what: string, x: Tensor): void => {
    const exact = ops.linalg.matrixExp(x.to('f64') as Tensor) as Tensor
    const found = ops.linalg.matrixExp(x.to(device as string) as Tensor)
    const n = x.shape.at(-1) as number
    const [batch] = [x.numel / (n * n)]
    for (let b = 0; b < batch; b++) {
      const [y, e] = [found, exact].map((t) => t.reshape([batch, n, n]).narrow(0, b, 1) as Tensor) as [Tensor, Tensor]
      // Each squaring doubles the error at most, where the norm does not fall.
      const norm = ops.max(ops.abs(x.reshape([batch, n, n]).narrow(0, b, 1)).sum(-2)).dataSync()[0] as number
      close(`${what}, item ${b}`, y, e, 4 * n * 2 ** Math.max(0, Math.ceil(Math.log2(norm))))
    }
  }
  test('of any order, batches whose items need none, one and many squarings', () => {
    for (const dtype of ['f32', 'f64'] as const)
      scope(() => {
        exponential(`1 ${dtype}`, values([1, 1], dtype))
        exponential(`37 ${dtype}`, values([37, 37], dtype).mul(0.2) as Tensor)
        const factors = tensor([0.01, 30, 0.5, 3, 0, 1, 12], { shape: [7, 1, 1] }).to(dtype) as Tensor
        exponential(`5 ${dtype}`, ops.mul(values([7, 5, 5], dtype), ops.mul(factors, 0.3)) as Tensor)
      })
  })
  test('numbers that are not finite: NaN, in their item alone', () => {
    scope(() => {
      const x = tensor([1, 2, Number.NaN, 3, 0, 1, 0, 0, Number.POSITIVE_INFINITY, 0, 0, 0], { shape: [3, 2, 2] })
      const y = Array.from(ops.linalg.matrixExp(x.to(device as string) as Tensor).dataSync() as Float32Array)
      expect(y.map(Number.isNaN)).toEqual(Array.from(y, (_, i) => i < 4 || i >= 8))
      expect(y.slice(4, 8)).toEqual([1, 1, 0, 1])
    })
  })
})

describeCuda('LDL systems on cuda', () => {
  // The factorisation itself is not on CUDA.
  const solve = (x: Tensor, b: Tensor): [Tensor, Tensor] => {
    const { ld, pivots } = ops.linalg.ldlFactor(x)
    const place = device as string
    const run = (ld: Tensor, pivots: Tensor, b: Tensor): Tensor => ops.linalg.ldlSolve(ld, pivots, b)
    return [
      run(ld.to(place) as Tensor, pivots.to(place) as Tensor, b.to(place) as Tensor),
      ops.linalg.solve(x.to('f64') as Tensor, b.to('f64') as Tensor),
    ]
  }
  test('blocks of order 1 and 2, rows exchanged', () => {
    for (const dtype of ['f32', 'f64'] as const)
      for (const [batch, n, k] of [
        [3, 2, 1],
        [2, 37, 5],
        [1, 139, 3],
      ] as const)
        scope(() => {
          // Small on the diagonal, so that pivots of order 2 come; far from singular by its large elements beside it.
          const half = values([batch, n, n], dtype)
          const turned = ops.eye(n, n, { dtype }).flip(-1) as Tensor
          const x = ops.add(ops.add(half, ops.transpose(half)), ops.mul(turned, 3 * Math.sqrt(n) + 2)) as Tensor
          const { pivots } = ops.linalg.ldlFactor(x)
          const signs = Array.from(pivots.dataSync() as Int32Array)
          expect(signs.some((p) => p < 0)).toBe(true)
          expect(n === 2 || signs.some((p) => p > 0)).toBe(true)
          const [found, exact] = solve(x, values([batch, n, k], dtype))
          close(`${dtype} ${batch} ${n} ${k}`, found, exact, 40 * n)
        })
  })
  test('a pivot that is no row', () => {
    scope(() => {
      const place = device as string
      const ld = ops.eye(3, 3, { device: place }) as Tensor
      const pivots = (tensor([1, 5, 3], { dtype: 'i32' }) as Tensor).to(place) as Tensor
      const error = caught(() => ops.linalg.ldlSolve(ld, pivots, ops.ones([3, 1], { device: place })).dataSync())
      expect((error as Error).message).toContain('ldlSolve: pivot 5 is out of range: 1 to 3')
    })
  })
})
