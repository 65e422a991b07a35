// The figures of cuda/sim's profile, of a kernel short enough to be counted by hand.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const program =
  process.env.SINTER_SIM_GOLDEN ?? fileURLToPath(new URL('../../../build/cuda/sim_golden', import.meta.url))
const built = existsSync(program)
if (!built) console.log(`skipped: ${program} is not built (node scripts/build.mjs --test)`)

// 64 threads: loads of words 128 bytes apart, of neighbouring words; stores to one bank of shared memory, and to all; a branch
// that nobody takes.
const ptx = `.version 8.0
.target sm_80
.address_size 64
.file 1 "traffic.cu"
.visible .entry traffic(.param .u64 in, .param .u64 out, .param .u32 n)
{
  .reg .b32 %r<9>;
  .reg .b64 %rd<9>;
  .reg .pred %p<2>;
  .shared .align 16 .b8 tile[8192];
  ld.param.u64 %rd1, [in];
  ld.param.u64 %rd2, [out];
  mov.u32 %r1, %tid.x;
  mul.wide.u32 %rd3, %r1, 128;
  add.s64 %rd4, %rd1, %rd3;
  .loc 1 10 1
  ld.global.u32 %r2, [%rd4];
  .loc 1 11 1
  mul.wide.u32 %rd5, %r1, 4;
  add.s64 %rd6, %rd1, %rd5;
  ld.global.u32 %r3, [%rd6];
  .loc 1 12 1
  mov.u32 %r4, tile;
  shl.b32 %r5, %r1, 7;
  add.s32 %r6, %r4, %r5;
  st.shared.u32 [%r6], %r2;
  .loc 1 13 1
  shl.b32 %r7, %r1, 2;
  add.s32 %r8, %r4, %r7;
  st.shared.u32 [%r8], %r3;
  .loc 1 14 1
  setp.gt.u32 %p1, %r1, 100;
  @%p1 bra never;
  ret;
never:
  .loc 1 15 1
  st.global.u32 [%rd2], %r1;
  ret;
}
`

test.skipIf(!built)('sectors, wavefronts and coverage are those counted by hand', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sinter-profile-'))
  try {
    const path = (name: string) => join(folder, name)
    writeFileSync(path('ptx'), ptx)
    writeFileSync(path('in'), new Uint8Array(8192))
    const line = `traffic 0 2048 64 0 64 1 1 1 64 1 1 0 1 1 1 2 0\n`
    const status = execFileSync(program, [path('ptx'), path('in'), path('out'), path('profile')], { input: line })
    expect(status.toString()).toBe('ok\n')
    const profile = JSON.parse(readFileSync(path('profile'), 'utf8')).kernels.traffic
    // 2 launches of 2 warps
    expect(profile).toMatchObject({
      launches: 2,
      globalRequests: 8,
      sharedRequests: 8,
      mma: 0,
      ldmatrix: 0,
      cpAsync: 0,
    })
    const at = (number: number) => profile.lines.find((it: { line: number }) => it.line === number)
    expect(at(10)).toMatchObject({ file: 'traffic.cu', sectors: 4 * 32, idealSectors: 4 * 4, executed: 4 })
    expect(at(11)).toMatchObject({ sectors: 4 * 4, idealSectors: 4 * 4, executed: 3 * 4 })
    expect(at(12)).toMatchObject({ wavefronts: 4 * 32, idealWavefronts: 4 })
    expect(at(13)).toMatchObject({ wavefronts: 4, idealWavefronts: 4 })
    expect(at(14)).toMatchObject({ reached: 3, instructions: 3 })
    expect(at(15)).toMatchObject({ reached: 0, executed: 0 })
    expect(profile.sectors).toBe(4 * 36)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
