/** scripts/cuda-bars.mjs: what it reads out of ptxas and PTX, and that each bar can fail. */
import { expect, test } from 'vitest'
// @ts-expect-error a script without types
import { cubinFaults, occupancy, parseLog, parsePtx, ptxFaults } from '../../scripts/cuda-bars.mjs'

const LOG = `ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function 'add_f32' for 'sm_80'
ptxas info    : Function properties for add_f32
    16 bytes stack frame, 8 bytes spill stores, 4 bytes spill loads
ptxas info    : Used 33 registers, used 1 barriers, 2048 bytes smem, 372 bytes cmem[0]
ptxas info    : Compiling entry function 'mul_f32' for 'sm_80'
ptxas info    : Function properties for mul_f32
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 24 registers, used 0 barriers
`

const PTX = `.visible .entry gemm(
	.param .u64 gemm_param_0
)
.maxntid 16, 8, 1
{
	.reg .b32 	%r<4>;
$L__BB0_1:
	@%p1 bra 	$L__BB0_1;
	ld.global.v4.f32 	{%f1, %f2, %f3, %f4}, [%rd1];
	{
	mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f1}, {%r1}, {%r2}, {%f1};
	}
	{  mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f1}, {%r1}, {%r2}, {%f1};}
	ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r1}, [%r2];
	cp.async.cg.shared.global [%r1], [%rd1], 16;
	cp.async.ca.shared.global [%r1], [%rd1], 8;
	ret;
}
.visible .entry other(
)
.maxntid 32, 1, 1
{
	ld.global.f32 	%f1, [%rd1];
	ret;
}
`

test('reads what ptxas says of each kernel', () => {
  expect(parseLog(LOG)).toEqual({
    add_f32: { registers: 33, shared: 2048, stack: 16, spills: 12 },
    mul_f32: { registers: 24, shared: 0, stack: 0, spills: 0 },
  })
})

test('reads instructions, launch bounds and copies of each kernel', () => {
  const { gemm, other } = parsePtx(PTX)
  expect(gemm?.threads).toBe(128)
  expect(gemm?.copies).toEqual([16, 8])
  expect(gemm?.instructions.get('bra')).toBe(1)
  expect(other?.threads).toBe(32)
  expect([...(other?.instructions.keys() ?? [])]).toEqual(['ld.global.f32', 'ret'])
})

// The Programming Guide's limits: of threads, registers (whole warps in each quarter), shared memory and blocks.
test.each([
  [80, { threads: 256, registers: 32, shared: 0 }, 1],
  [80, { threads: 256, registers: 33, shared: 0 }, 48 / 64],
  [86, { threads: 256, registers: 33, shared: 0 }, 1],
  [80, { threads: 128, registers: 128, shared: 0 }, 16 / 64],
  [80, { threads: 128, registers: 32, shared: 81920 }, 8 / 64],
  [86, { threads: 128, registers: 32, shared: 49152 }, 8 / 48],
  [90, { threads: 32, registers: 16, shared: 0 }, 32 / 64],
])('occupancy on %i of %o is %f', (architecture, use, share) => {
  expect(occupancy(architecture, use)).toBe(share)
})

test('every bar of a cubin can fail', () => {
  const bars = { threads: 256, registers: 32, shared: 1024, occupancy: 1 }
  const used = { registers: 32, shared: 0, stack: 0, spills: 0 }
  expect(cubinFaults(80, used, bars)).toEqual([])
  const faults = (change: object, more: object = {}) => cubinFaults(86, { ...used, ...change }, { ...bars, ...more })
  expect(faults({ registers: 40 })).toEqual(['takes 40 registers, the manifest says 32'])
  expect(faults({ shared: 2048 })[0]).toBe('takes 2048 bytes of shared memory, the manifest says 1024')
  expect(faults({ stack: 8 })).toEqual(['has 8 bytes of local memory'])
  expect(faults({ spills: 4 })).toEqual(['spills 4 bytes'])
  expect(faults({}, { dynamicShared: 102400 })[0]).toBe('takes 102400 bytes of shared memory, a block has 101376')
  expect(faults({}, { dynamicShared: 51200 })).toEqual(['has an occupancy of 0.167, the manifest says 1'])
})

test('every bar of PTX can fail', () => {
  const { gemm, other } = parsePtx(PTX)
  if (!gemm || !other) throw new Error('no kernels')
  const bars = { threads: 128, ratios: { 'mma.sync / ldmatrix': 2 }, vectors: true }
  expect(ptxFaults(gemm, bars)).toEqual([])
  expect(ptxFaults(gemm, { ...bars, threads: 64 })).toEqual(['is bound to 128 threads, the manifest says 64'])
  expect(ptxFaults(gemm, { ...bars, ratios: { 'mma.sync / ldmatrix': 2.5 } })).toEqual([
    'mma.sync / ldmatrix is 2 / 1, at least 2.5 is wanted',
  ])
  expect(ptxFaults(gemm, { ...bars, copies: 16 })).toEqual(['has a cp.async of 8 bytes, not 16'])
  expect(ptxFaults(other, { threads: 32, vectors: true })).toEqual(['moves nothing in 16 bytes'])
  for (const [name, faults] of [
    ['atom.global.add.u32', []],
    ['red.global.add.f32', ['adds in an order that is another in every run (red.global.add.f32)']],
    ['atom.global.add.noftz.bf16x2', ['adds in an order that is another in every run (atom.global.add.noftz.bf16x2)']],
  ] as const)
    expect(ptxFaults({ ...other, instructions: new Map([[name, 1]]) }, { threads: 32 })).toEqual(faults)
})
