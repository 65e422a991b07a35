/** Products and linear algebra. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { dtypeOf, type Mapping, map } from './mapping.js'
import { torchNormals } from './torch-random.js'

const { linalg: la } = ops
const binary = (f: (a: any, b: any) => Tensor): Mapping => map('input other', ({ input, other }) => f(input, other))
const swapped = (f: (a: any, b: any) => Tensor): Mapping => map('input other', ({ input, other }) => f(other, input))
const unary = (f: (x: Tensor) => any): Mapping => map('input', ({ input }) => f(input))
const scaledBy = (f: typeof ops.addmm): Mapping =>
  map('input a b alpha beta', ({ input, a, b, alpha, beta }) => f(input, a, b, { alpha: alpha ?? 1, beta: beta ?? 1 }))
const triangle = (f: (x: Tensor, options: { upper: boolean }) => any): Mapping =>
  map('input upper', ({ input, upper }) => f(input, { upper: upper ?? false }))

const list = (o: object): Tensor[] => Object.values(o)
const pivoted = (f: (x: Tensor, options: { pivot: boolean }) => any): Mapping =>
  map('input pivot', ({ input, pivot }) => list(f(input, { pivot: pivot ?? true })))
const decomposed = (f: (x: Tensor) => any): Mapping => map('input', ({ input }) => list(f(input)))
const upper = (uplo: unknown): boolean => uplo === 'U' || uplo === 'u'
const tolerances = 'input atol rtol hermitian'
const orderOf = (ord: unknown): any => (typeof ord === 'boolean' ? Number(ord) : (ord ?? undefined))

const qr: Mapping = map('input mode', ({ input, mode }) => {
  const own = mode === true || mode === undefined ? 'reduced' : mode === false ? 'complete' : mode
  return list(la.qr(input, { mode: own }))
})

/** The signs of singular vectors follow the random matrix, which OpInfo draws with seed 42. */
const lowRank = (f: (x: Tensor, options: any) => object): Mapping =>
  map('a b q M niter center', ({ a, b, q, M, niter, center }) => {
    const x = ops.matmul(a, b.transpose())
    const [m, n] = x.shape.slice(-2) as [number, number]
    const size = q ?? Math.min(6, m, n)
    const probe = ops.tensor(torchNormals(42, Math.min(m, n) * size), {
      dtype: x.dtype,
      shape: [Math.min(m, n), size],
      device: x.device,
    })
    return list(f(x, { q: size, iterations: niter ?? 2, mean: M, center: center ?? true, probe }))
  })

export const linalg: Readonly<Record<string, Mapping>> = {
  matmul: binary(ops.matmul),
  mm: binary(ops.mm),
  bmm: binary(ops.bmm),
  'bmm.triton_optimized': binary(ops.bmm),
  mv: binary(ops.mv),
  dot: binary(ops.dot),
  vdot: binary(ops.vdot),
  inner: binary(ops.inner),
  outer: binary(ops.outer),
  kron: binary(ops.kron),
  __rmatmul__: swapped(ops.matmul),
  trace: unary(ops.trace),
  addmm: scaledBy(ops.addmm),
  'addmm.decomposed': scaledBy(ops.addmm),
  addmv: scaledBy(ops.addmv),
  addr: scaledBy(ops.addr),
  addbmm: scaledBy(ops.addbmm),
  baddbmm: scaledBy(ops.baddbmm),
  einsum: map('operands equation', ({ operands, equation }) => ops.einsum(equation, ...operands)),
  tensordot: map('input other dims', ({ input, other, dims }) => ops.tensordot(input, other, dims)),
  cross: map('input other dim', ({ input, other, dim }) =>
    ops.cross(input, other, { axis: dim ?? input.shape.indexOf(3) }),
  ),
  'linalg.cross': map('input other dim', ({ input, other, dim }) => ops.cross(input, other, { axis: dim ?? -1 })),
  'linalg.vecdot': map('input other dim', ({ input, other, dim }) => ops.vecdot(input, other, { axis: dim ?? -1 })),
  'linalg.multi_dot': map('tensors', ({ tensors }) => ops.multiDot(tensors)),
  'nn.functional.linear': map('input weight bias', ({ input, weight, bias }) => ops.linear(input, weight, bias)),
  'nn.functional.bilinear': map('input1 input2 weight bias', ({ input1, input2, weight, bias }) =>
    ops.bilinear(input1, input2, weight, bias),
  ),
  'nn.functional.pdist': map('input p', ({ input, p }) => ops.pdist(input, p ?? 2)),
  cdist: map('x1 x2 p compute_mode', ({ x1, x2, p, compute_mode }) =>
    ops.cdist(x1, x2, {
      p: p ?? 2,
      product:
        !compute_mode || compute_mode.includes('if_necessary')
          ? 'auto'
          : compute_mode.startsWith('use')
            ? 'always'
            : 'never',
    }),
  ),

  cholesky: triangle(la.cholesky),
  'linalg.cholesky': triangle(la.cholesky),
  'linalg.cholesky_ex': map('input upper check_errors', ({ input, upper }) =>
    list(la.choleskyEx(input, { upper: upper ?? false })),
  ),
  cholesky_inverse: triangle(la.choleskyInverse),
  cholesky_solve: map('input input2 upper', ({ input, input2, upper }) =>
    la.choleskySolve(input, input2, { upper: upper ?? false }),
  ),
  'linalg.solve_triangular': map('input other upper left unitriangular', (a) =>
    la.solveTriangular(a['input'], a['other'], {
      upper: a['upper'],
      left: a['left'] ?? true,
      unitriangular: a['unitriangular'] ?? false,
    }),
  ),
  triangular_solve: map('b a upper transpose unitriangular', ({ b, a, upper, transpose, unitriangular }) => {
    const matrix = transpose ? a.transpose() : a
    const up = (upper ?? true) !== (transpose ?? false)
    return [la.solveTriangular(matrix, b, { upper: up, unitriangular: unitriangular ?? false }), ops.clone(a)]
  }),

  'linalg.lu': pivoted(la.lu),
  'linalg.lu_factor': pivoted(la.luFactor),
  'linalg.lu_factor_ex': pivoted(la.luFactorEx),
  lu: map('input pivot get_infos', ({ input, pivot, get_infos }) =>
    list(la.luFactorEx(input, { pivot: pivot ?? true })).slice(0, get_infos ? 3 : 2),
  ),
  lu_unpack: map('lu pivots', ({ lu, pivots }) => list(la.luUnpack(lu, pivots))),
  lu_solve: map('b lu pivots', ({ b, lu, pivots }) => la.luSolve(lu, pivots, b)),
  'linalg.lu_solve': map('lu pivots b left adjoint', ({ lu, pivots, b, left, adjoint }) =>
    la.luSolve(lu, pivots, b, { left: left ?? true, adjoint: adjoint ?? false }),
  ),
  'linalg.solve': map('input other left', ({ input, other, left }) => la.solve(input, other, { left: left ?? true })),
  'linalg.solve_ex': map('input other left', ({ input, other, left }) =>
    list(la.solveEx(input, other, { left: left ?? true })),
  ),
  'linalg.inv': unary(la.inv),
  'linalg.inv_ex': decomposed(la.invEx),
  'linalg.det': unary(la.det),
  'linalg.slogdet': decomposed(la.slogdet),
  logdet: unary(la.logdet),
  'linalg.tensorinv': map('input ind', ({ input, ind }) => la.tensorinv(input, ind ?? 2)),
  'linalg.tensorsolve': map('input other dims', ({ input, other, dims }) =>
    la.tensorsolve(input, other, dims ?? undefined),
  ),

  geqrf: decomposed(la.geqrf),
  qr,
  'linalg.qr': qr,
  'linalg.householder_product': map('input tau', ({ input, tau }) => la.householderProduct(input, tau)),
  ormqr: map('input tau other left transpose', ({ input, tau, other, left, transpose }) =>
    la.ormqr(input, tau, other, { left: left ?? true, transpose: transpose ?? false }),
  ),

  'linalg.eigh': map('input UPLO', ({ input, UPLO }) => list(la.eigh(input, { upper: upper(UPLO) }))),
  'linalg.eigvalsh': map('input UPLO', ({ input, UPLO }) => la.eigvalsh(input, { upper: upper(UPLO) })),
  'linalg.svd': map('input full_matrices', ({ input, full_matrices }) =>
    list(la.svd(input, { fullMatrices: full_matrices ?? true })),
  ),
  svd: map('input some', ({ input, some }) => {
    const { u, s, vh } = la.svd(input, { fullMatrices: some === false })
    return [u, s, vh.transpose()]
  }),
  'linalg.svdvals': unary(la.svdvals),
  svd_lowrank: lowRank(la.svdLowrank),
  pca_lowrank: lowRank(la.pcaLowrank),

  'linalg.matrix_rank': map(tolerances, ({ input, ...options }) => la.matrixRank(input, options)),
  'linalg.matrix_rank.hermitian': map(tolerances, ({ input, ...options }) => la.matrixRank(input, options)),
  'linalg.pinv': map(tolerances, ({ input, ...options }) => la.pinv(input, options)),
  'linalg.pinv.hermitian': map(tolerances, ({ input, ...options }) => la.pinv(input, options)),
  // A product of the operands, of low rank.
  'linalg.pinv.singular': map('a b', ({ a, b }) => la.pinv(ops.matmul(a, b.transpose()))),
  pinverse: unary((x) => la.pinv(x)),
  'linalg.lstsq': map('input b rcond driver', ({ input, b, rcond, driver }) =>
    list(la.lstsq(input, b, { rcond, driver })),
  ),
  'linalg.lstsq.grad_oriented': map('input b rcond driver', ({ input, b, rcond, driver }) =>
    list(la.lstsq(input, b, { rcond, driver })).slice(0, 2),
  ),

  'linalg.matrix_norm': map('input ord dim keepdim dtype', ({ input, ord, dim, keepdim, dtype }) =>
    la.matrixNorm(dtype ? ops.cast(input, dtypeOf(dtype)) : input, orderOf(ord), dim ?? undefined, {
      keepDim: keepdim ?? false,
    }),
  ),
  'linalg.cond': map('input p', ({ input, p }) => la.cond(input, orderOf(p))),
  'linalg.matrix_power': map('input n', ({ input, n }) => la.matrixPower(input, n)),
  matrix_exp: unary(la.matrixExp),
  'linalg.ldl_factor': map('input hermitian', ({ input }) => list(la.ldlFactor(input))),
  'linalg.ldl_factor_ex': map('input hermitian', ({ input }) => list(la.ldlFactorEx(input))),
  'linalg.ldl_solve': map('ld pivots b hermitian', ({ ld, pivots, b }) => la.ldlSolve(ld, pivots, b)),
}
