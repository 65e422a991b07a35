// atom and red. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE uint32_t op_atom_global_add_u32(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.add.u32 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_global_add_u32(uint64_t p, uint32_t x) { asm volatile("red.global.add.u32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_global_add_s32(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.add.s32 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_global_add_s32(uint64_t p, uint32_t x) { asm volatile("red.global.add.s32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE float op_atom_global_add_f32(uint64_t p, float x) {
  float d;
  asm volatile("atom.global.add.f32 %0, [%1], %2;" : "=f"(d) : "l"(p), "f"(x) : "memory");
  return d;
}
DEVICE void op_red_global_add_f32(uint64_t p, float x) { asm volatile("red.global.add.f32 [%0], %1;" :: "l"(p), "f"(x) : "memory"); }
DEVICE uint32_t op_atom_global_min_s32(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.min.s32 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_global_min_s32(uint64_t p, uint32_t x) { asm volatile("red.global.min.s32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_global_max_s32(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.max.s32 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_global_max_s32(uint64_t p, uint32_t x) { asm volatile("red.global.max.s32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_global_min_u32(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.min.u32 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_global_min_u32(uint64_t p, uint32_t x) { asm volatile("red.global.min.u32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_global_max_u32(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.max.u32 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_global_max_u32(uint64_t p, uint32_t x) { asm volatile("red.global.max.u32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_global_inc_u32(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.inc.u32 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_global_inc_u32(uint64_t p, uint32_t x) { asm volatile("red.global.inc.u32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_global_dec_u32(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.dec.u32 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_global_dec_u32(uint64_t p, uint32_t x) { asm volatile("red.global.dec.u32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_global_and_b32(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.and.b32 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_global_and_b32(uint64_t p, uint32_t x) { asm volatile("red.global.and.b32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_global_or_b32(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.or.b32 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_global_or_b32(uint64_t p, uint32_t x) { asm volatile("red.global.or.b32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_global_xor_b32(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.xor.b32 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_global_xor_b32(uint64_t p, uint32_t x) { asm volatile("red.global.xor.b32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_global_exch_b32(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.exch.b32 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE uint32_t op_atom_global_add_noftz_f16x2(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.add.noftz.f16x2 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_global_add_noftz_f16x2(uint64_t p, uint32_t x) { asm volatile("red.global.add.noftz.f16x2 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_global_add_noftz_bf16x2(uint64_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.add.noftz.bf16x2 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_global_add_noftz_bf16x2(uint64_t p, uint32_t x) { asm volatile("red.global.add.noftz.bf16x2 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint64_t op_atom_global_add_u64(uint64_t p, uint64_t x) {
  uint64_t d;
  asm volatile("atom.global.add.u64 %0, [%1], %2;" : "=l"(d) : "l"(p), "l"(x) : "memory");
  return d;
}
DEVICE void op_red_global_add_u64(uint64_t p, uint64_t x) { asm volatile("red.global.add.u64 [%0], %1;" :: "l"(p), "l"(x) : "memory"); }
DEVICE double op_atom_global_add_f64(uint64_t p, double x) {
  double d;
  asm volatile("atom.global.add.f64 %0, [%1], %2;" : "=d"(d) : "l"(p), "d"(x) : "memory");
  return d;
}
DEVICE void op_red_global_add_f64(uint64_t p, double x) { asm volatile("red.global.add.f64 [%0], %1;" :: "l"(p), "d"(x) : "memory"); }
DEVICE uint64_t op_atom_global_min_s64(uint64_t p, uint64_t x) {
  uint64_t d;
  asm volatile("atom.global.min.s64 %0, [%1], %2;" : "=l"(d) : "l"(p), "l"(x) : "memory");
  return d;
}
DEVICE void op_red_global_min_s64(uint64_t p, uint64_t x) { asm volatile("red.global.min.s64 [%0], %1;" :: "l"(p), "l"(x) : "memory"); }
DEVICE uint64_t op_atom_global_max_u64(uint64_t p, uint64_t x) {
  uint64_t d;
  asm volatile("atom.global.max.u64 %0, [%1], %2;" : "=l"(d) : "l"(p), "l"(x) : "memory");
  return d;
}
DEVICE void op_red_global_max_u64(uint64_t p, uint64_t x) { asm volatile("red.global.max.u64 [%0], %1;" :: "l"(p), "l"(x) : "memory"); }
DEVICE uint64_t op_atom_global_and_b64(uint64_t p, uint64_t x) {
  uint64_t d;
  asm volatile("atom.global.and.b64 %0, [%1], %2;" : "=l"(d) : "l"(p), "l"(x) : "memory");
  return d;
}
DEVICE void op_red_global_and_b64(uint64_t p, uint64_t x) { asm volatile("red.global.and.b64 [%0], %1;" :: "l"(p), "l"(x) : "memory"); }
DEVICE uint64_t op_atom_global_exch_b64(uint64_t p, uint64_t x) {
  uint64_t d;
  asm volatile("atom.global.exch.b64 %0, [%1], %2;" : "=l"(d) : "l"(p), "l"(x) : "memory");
  return d;
}
DEVICE uint16_t op_atom_global_add_noftz_f16(uint64_t p, uint16_t x) {
  uint16_t d;
  asm volatile("atom.global.add.noftz.f16 %0, [%1], %2;" : "=h"(d) : "l"(p), "h"(x) : "memory");
  return d;
}
DEVICE void op_red_global_add_noftz_f16(uint64_t p, uint16_t x) { asm volatile("red.global.add.noftz.f16 [%0], %1;" :: "l"(p), "h"(x) : "memory"); }
DEVICE uint16_t op_atom_global_add_noftz_bf16(uint64_t p, uint16_t x) {
  uint16_t d;
  asm volatile("atom.global.add.noftz.bf16 %0, [%1], %2;" : "=h"(d) : "l"(p), "h"(x) : "memory");
  return d;
}
DEVICE void op_red_global_add_noftz_bf16(uint64_t p, uint16_t x) { asm volatile("red.global.add.noftz.bf16 [%0], %1;" :: "l"(p), "h"(x) : "memory"); }
DEVICE uint32_t op_atom_global_cas_b32(uint64_t p, uint32_t c, uint32_t x) {
  uint32_t d;
  asm volatile("atom.global.cas.b32 %0, [%1], %2, %3;" : "=r"(d) : "l"(p), "r"(c), "r"(x) : "memory");
  return d;
}
DEVICE uint64_t op_atom_global_cas_b64(uint64_t p, uint64_t c, uint64_t x) {
  uint64_t d;
  asm volatile("atom.global.cas.b64 %0, [%1], %2, %3;" : "=l"(d) : "l"(p), "l"(c), "l"(x) : "memory");
  return d;
}
DEVICE uint16_t op_atom_global_cas_b16(uint64_t p, uint16_t c, uint16_t x) {
  uint16_t d;
  asm volatile("atom.global.cas.b16 %0, [%1], %2, %3;" : "=h"(d) : "l"(p), "h"(c), "h"(x) : "memory");
  return d;
}
DEVICE uint32_t op_atom_shared_add_u32(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.add.u32 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_add_u32(uint32_t p, uint32_t x) { asm volatile("red.shared.add.u32 [%0], %1;" :: "r"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_shared_add_s32(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.add.s32 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_add_s32(uint32_t p, uint32_t x) { asm volatile("red.shared.add.s32 [%0], %1;" :: "r"(p), "r"(x) : "memory"); }
DEVICE float op_atom_shared_add_f32(uint32_t p, float x) {
  float d;
  asm volatile("atom.shared.add.f32 %0, [%1], %2;" : "=f"(d) : "r"(p), "f"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_add_f32(uint32_t p, float x) { asm volatile("red.shared.add.f32 [%0], %1;" :: "r"(p), "f"(x) : "memory"); }
DEVICE uint32_t op_atom_shared_min_s32(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.min.s32 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_min_s32(uint32_t p, uint32_t x) { asm volatile("red.shared.min.s32 [%0], %1;" :: "r"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_shared_max_s32(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.max.s32 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_max_s32(uint32_t p, uint32_t x) { asm volatile("red.shared.max.s32 [%0], %1;" :: "r"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_shared_min_u32(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.min.u32 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_min_u32(uint32_t p, uint32_t x) { asm volatile("red.shared.min.u32 [%0], %1;" :: "r"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_shared_max_u32(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.max.u32 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_max_u32(uint32_t p, uint32_t x) { asm volatile("red.shared.max.u32 [%0], %1;" :: "r"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_shared_inc_u32(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.inc.u32 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_inc_u32(uint32_t p, uint32_t x) { asm volatile("red.shared.inc.u32 [%0], %1;" :: "r"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_shared_dec_u32(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.dec.u32 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_dec_u32(uint32_t p, uint32_t x) { asm volatile("red.shared.dec.u32 [%0], %1;" :: "r"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_shared_and_b32(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.and.b32 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_and_b32(uint32_t p, uint32_t x) { asm volatile("red.shared.and.b32 [%0], %1;" :: "r"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_shared_or_b32(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.or.b32 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_or_b32(uint32_t p, uint32_t x) { asm volatile("red.shared.or.b32 [%0], %1;" :: "r"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_shared_xor_b32(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.xor.b32 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_xor_b32(uint32_t p, uint32_t x) { asm volatile("red.shared.xor.b32 [%0], %1;" :: "r"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_shared_exch_b32(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.exch.b32 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE uint32_t op_atom_shared_add_noftz_f16x2(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.add.noftz.f16x2 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_add_noftz_f16x2(uint32_t p, uint32_t x) { asm volatile("red.shared.add.noftz.f16x2 [%0], %1;" :: "r"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_atom_shared_add_noftz_bf16x2(uint32_t p, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.add.noftz.bf16x2 %0, [%1], %2;" : "=r"(d) : "r"(p), "r"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_add_noftz_bf16x2(uint32_t p, uint32_t x) { asm volatile("red.shared.add.noftz.bf16x2 [%0], %1;" :: "r"(p), "r"(x) : "memory"); }
DEVICE uint64_t op_atom_shared_add_u64(uint32_t p, uint64_t x) {
  uint64_t d;
  asm volatile("atom.shared.add.u64 %0, [%1], %2;" : "=l"(d) : "r"(p), "l"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_add_u64(uint32_t p, uint64_t x) { asm volatile("red.shared.add.u64 [%0], %1;" :: "r"(p), "l"(x) : "memory"); }
DEVICE double op_atom_shared_add_f64(uint32_t p, double x) {
  double d;
  asm volatile("atom.shared.add.f64 %0, [%1], %2;" : "=d"(d) : "r"(p), "d"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_add_f64(uint32_t p, double x) { asm volatile("red.shared.add.f64 [%0], %1;" :: "r"(p), "d"(x) : "memory"); }
DEVICE uint64_t op_atom_shared_min_s64(uint32_t p, uint64_t x) {
  uint64_t d;
  asm volatile("atom.shared.min.s64 %0, [%1], %2;" : "=l"(d) : "r"(p), "l"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_min_s64(uint32_t p, uint64_t x) { asm volatile("red.shared.min.s64 [%0], %1;" :: "r"(p), "l"(x) : "memory"); }
DEVICE uint64_t op_atom_shared_max_u64(uint32_t p, uint64_t x) {
  uint64_t d;
  asm volatile("atom.shared.max.u64 %0, [%1], %2;" : "=l"(d) : "r"(p), "l"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_max_u64(uint32_t p, uint64_t x) { asm volatile("red.shared.max.u64 [%0], %1;" :: "r"(p), "l"(x) : "memory"); }
DEVICE uint64_t op_atom_shared_and_b64(uint32_t p, uint64_t x) {
  uint64_t d;
  asm volatile("atom.shared.and.b64 %0, [%1], %2;" : "=l"(d) : "r"(p), "l"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_and_b64(uint32_t p, uint64_t x) { asm volatile("red.shared.and.b64 [%0], %1;" :: "r"(p), "l"(x) : "memory"); }
DEVICE uint64_t op_atom_shared_exch_b64(uint32_t p, uint64_t x) {
  uint64_t d;
  asm volatile("atom.shared.exch.b64 %0, [%1], %2;" : "=l"(d) : "r"(p), "l"(x) : "memory");
  return d;
}
DEVICE uint16_t op_atom_shared_add_noftz_f16(uint32_t p, uint16_t x) {
  uint16_t d;
  asm volatile("atom.shared.add.noftz.f16 %0, [%1], %2;" : "=h"(d) : "r"(p), "h"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_add_noftz_f16(uint32_t p, uint16_t x) { asm volatile("red.shared.add.noftz.f16 [%0], %1;" :: "r"(p), "h"(x) : "memory"); }
DEVICE uint16_t op_atom_shared_add_noftz_bf16(uint32_t p, uint16_t x) {
  uint16_t d;
  asm volatile("atom.shared.add.noftz.bf16 %0, [%1], %2;" : "=h"(d) : "r"(p), "h"(x) : "memory");
  return d;
}
DEVICE void op_red_shared_add_noftz_bf16(uint32_t p, uint16_t x) { asm volatile("red.shared.add.noftz.bf16 [%0], %1;" :: "r"(p), "h"(x) : "memory"); }
DEVICE uint32_t op_atom_shared_cas_b32(uint32_t p, uint32_t c, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared.cas.b32 %0, [%1], %2, %3;" : "=r"(d) : "r"(p), "r"(c), "r"(x) : "memory");
  return d;
}
DEVICE uint64_t op_atom_shared_cas_b64(uint32_t p, uint64_t c, uint64_t x) {
  uint64_t d;
  asm volatile("atom.shared.cas.b64 %0, [%1], %2, %3;" : "=l"(d) : "r"(p), "l"(c), "l"(x) : "memory");
  return d;
}
DEVICE uint16_t op_atom_shared_cas_b16(uint32_t p, uint16_t c, uint16_t x) {
  uint16_t d;
  asm volatile("atom.shared.cas.b16 %0, [%1], %2, %3;" : "=h"(d) : "r"(p), "h"(c), "h"(x) : "memory");
  return d;
}
DEVICE void op_red_global_v2_f32_add(uint32_t* p, float x0, float x1) { asm volatile("red.global.v2.f32.add [%0], {%1, %2};" :: "l"(p), "f"(x0), "f"(x1) : "memory"); }
DEVICE void op_red_global_v4_f32_add(uint32_t* p, float x0, float x1, float x2, float x3) { asm volatile("red.global.v4.f32.add [%0], {%1, %2, %3, %4};" :: "l"(p), "f"(x0), "f"(x1), "f"(x2), "f"(x3) : "memory"); }
DEVICE void op_red_global_v2_f16x2_add_noftz(uint32_t* p, uint32_t x0, uint32_t x1) { asm volatile("red.global.v2.f16x2.add.noftz [%0], {%1, %2};" :: "l"(p), "r"(x0), "r"(x1) : "memory"); }
DEVICE void op_red_global_v4_f16x2_add_noftz(uint32_t* p, uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3) { asm volatile("red.global.v4.f16x2.add.noftz [%0], {%1, %2, %3, %4};" :: "l"(p), "r"(x0), "r"(x1), "r"(x2), "r"(x3) : "memory"); }
DEVICE void op_red_global_v4_bf16x2_add_noftz(uint32_t* p, uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3) { asm volatile("red.global.v4.bf16x2.add.noftz [%0], {%1, %2, %3, %4};" :: "l"(p), "r"(x0), "r"(x1), "r"(x2), "r"(x3) : "memory"); }
DEVICE void op_red_global_v4_f16x2_min_noftz(uint32_t* p, uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3) { asm volatile("red.global.v4.f16x2.min.noftz [%0], {%1, %2, %3, %4};" :: "l"(p), "r"(x0), "r"(x1), "r"(x2), "r"(x3) : "memory"); }
DEVICE void op_red_global_v4_bf16x2_max_noftz(uint32_t* p, uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3) { asm volatile("red.global.v4.bf16x2.max.noftz [%0], {%1, %2, %3, %4};" :: "l"(p), "r"(x0), "r"(x1), "r"(x2), "r"(x3) : "memory"); }
DEVICE void op_atom_global_v4_f32_add(float (&d)[4], uint32_t* p, float x0, float x1, float x2, float x3) { asm volatile("atom.global.v4.f32.add {%0, %1, %2, %3}, [%4], {%5, %6, %7, %8};" : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3]) : "l"(p), "f"(x0), "f"(x1), "f"(x2), "f"(x3) : "memory"); }
DEVICE void op_atom_global_v4_bf16x2_add_noftz(uint32_t (&d)[4], uint32_t* p, uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3) { asm volatile("atom.global.v4.bf16x2.add.noftz {%0, %1, %2, %3}, [%4], {%5, %6, %7, %8};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "l"(p), "r"(x0), "r"(x1), "r"(x2), "r"(x3) : "memory"); }

extern "C" __global__ void atom_global_add_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_add_u32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void red_global_add_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  op_red_global_add_u32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i));
}

extern "C" __global__ void atom_global_add_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_add_s32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void red_global_add_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  op_red_global_add_s32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i));
}

extern "C" __global__ void atom_global_add_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_f(out, 0, n, i, load_f(in, 0, n, i));
  store_f(out, 1, n, i, op_atom_global_add_f32(reinterpret_cast<uint64_t>(out + 1 * i), load_f(in, 1, n, i)));
}

extern "C" __global__ void red_global_add_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_f(out, 0, n, i, load_f(in, 0, n, i));
  op_red_global_add_f32(reinterpret_cast<uint64_t>(out + 1 * i), load_f(in, 1, n, i));
}

extern "C" __global__ void atom_global_min_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_min_s32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void red_global_min_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  op_red_global_min_s32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i));
}

extern "C" __global__ void atom_global_max_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_max_s32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void red_global_max_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  op_red_global_max_s32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i));
}

extern "C" __global__ void atom_global_min_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_min_u32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void red_global_min_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  op_red_global_min_u32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i));
}

extern "C" __global__ void atom_global_max_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_max_u32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void red_global_max_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  op_red_global_max_u32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i));
}

extern "C" __global__ void atom_global_inc_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_inc_u32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void red_global_inc_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  op_red_global_inc_u32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i));
}

extern "C" __global__ void atom_global_dec_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_dec_u32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void red_global_dec_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  op_red_global_dec_u32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i));
}

extern "C" __global__ void atom_global_and_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_and_b32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void red_global_and_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  op_red_global_and_b32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i));
}

extern "C" __global__ void atom_global_or_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_or_b32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void red_global_or_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  op_red_global_or_b32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i));
}

extern "C" __global__ void atom_global_xor_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_xor_b32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void red_global_xor_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  op_red_global_xor_b32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i));
}

extern "C" __global__ void atom_global_exch_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_exch_b32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void atom_global_add_noftz_f16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_add_noftz_f16x2(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void red_global_add_noftz_f16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  op_red_global_add_noftz_f16x2(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i));
}

extern "C" __global__ void atom_global_add_noftz_bf16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_add_noftz_bf16x2(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i)));
}

extern "C" __global__ void red_global_add_noftz_bf16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  op_red_global_add_noftz_bf16x2(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i));
}

extern "C" __global__ void atom_global_add_u64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_l(out, 0, n, i, load_l(in, 0, n, i));
  store_l(out, 2, n, i, op_atom_global_add_u64(reinterpret_cast<uint64_t>(out + 2 * i), load_l(in, 2, n, i)));
}

extern "C" __global__ void red_global_add_u64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_l(out, 0, n, i, load_l(in, 0, n, i));
  op_red_global_add_u64(reinterpret_cast<uint64_t>(out + 2 * i), load_l(in, 2, n, i));
}

extern "C" __global__ void atom_global_add_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_d(out, 0, n, i, load_d(in, 0, n, i));
  store_d(out, 2, n, i, op_atom_global_add_f64(reinterpret_cast<uint64_t>(out + 2 * i), load_d(in, 2, n, i)));
}

extern "C" __global__ void red_global_add_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_d(out, 0, n, i, load_d(in, 0, n, i));
  op_red_global_add_f64(reinterpret_cast<uint64_t>(out + 2 * i), load_d(in, 2, n, i));
}

extern "C" __global__ void atom_global_min_s64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_l(out, 0, n, i, load_l(in, 0, n, i));
  store_l(out, 2, n, i, op_atom_global_min_s64(reinterpret_cast<uint64_t>(out + 2 * i), load_l(in, 2, n, i)));
}

extern "C" __global__ void red_global_min_s64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_l(out, 0, n, i, load_l(in, 0, n, i));
  op_red_global_min_s64(reinterpret_cast<uint64_t>(out + 2 * i), load_l(in, 2, n, i));
}

extern "C" __global__ void atom_global_max_u64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_l(out, 0, n, i, load_l(in, 0, n, i));
  store_l(out, 2, n, i, op_atom_global_max_u64(reinterpret_cast<uint64_t>(out + 2 * i), load_l(in, 2, n, i)));
}

extern "C" __global__ void red_global_max_u64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_l(out, 0, n, i, load_l(in, 0, n, i));
  op_red_global_max_u64(reinterpret_cast<uint64_t>(out + 2 * i), load_l(in, 2, n, i));
}

extern "C" __global__ void atom_global_and_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_l(out, 0, n, i, load_l(in, 0, n, i));
  store_l(out, 2, n, i, op_atom_global_and_b64(reinterpret_cast<uint64_t>(out + 2 * i), load_l(in, 2, n, i)));
}

extern "C" __global__ void red_global_and_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_l(out, 0, n, i, load_l(in, 0, n, i));
  op_red_global_and_b64(reinterpret_cast<uint64_t>(out + 2 * i), load_l(in, 2, n, i));
}

extern "C" __global__ void atom_global_exch_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_l(out, 0, n, i, load_l(in, 0, n, i));
  store_l(out, 2, n, i, op_atom_global_exch_b64(reinterpret_cast<uint64_t>(out + 2 * i), load_l(in, 2, n, i)));
}

extern "C" __global__ void atom_global_add_noftz_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_h(out, 0, n, i, load_h(in, 0, n, i));
  store_h(out, 1, n, i, op_atom_global_add_noftz_f16(reinterpret_cast<uint64_t>(out + 1 * i), load_h(in, 1, n, i)));
}

extern "C" __global__ void red_global_add_noftz_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_h(out, 0, n, i, load_h(in, 0, n, i));
  op_red_global_add_noftz_f16(reinterpret_cast<uint64_t>(out + 1 * i), load_h(in, 1, n, i));
}

extern "C" __global__ void atom_global_add_noftz_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_h(out, 0, n, i, load_h(in, 0, n, i));
  store_h(out, 1, n, i, op_atom_global_add_noftz_bf16(reinterpret_cast<uint64_t>(out + 1 * i), load_h(in, 1, n, i)));
}

extern "C" __global__ void red_global_add_noftz_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  store_h(out, 0, n, i, load_h(in, 0, n, i));
  op_red_global_add_noftz_bf16(reinterpret_cast<uint64_t>(out + 1 * i), load_h(in, 1, n, i));
}

extern "C" __global__ void atom_global_cas_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  store_r(out, 0, n, i, load_r(in, 0, n, i));
  store_r(out, 1, n, i, op_atom_global_cas_b32(reinterpret_cast<uint64_t>(out + 1 * i), load_r(in, 1, n, i), load_r(in, 2, n, i)));
}

extern "C" __global__ void atom_global_cas_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  store_l(out, 0, n, i, load_l(in, 0, n, i));
  store_l(out, 2, n, i, op_atom_global_cas_b64(reinterpret_cast<uint64_t>(out + 2 * i), load_l(in, 2, n, i), load_l(in, 4, n, i)));
}

extern "C" __global__ void atom_global_cas_b16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  store_h(out, 0, n, i, load_h(in, 0, n, i));
  store_h(out, 1, n, i, op_atom_global_cas_b16(reinterpret_cast<uint64_t>(out + 1 * i), load_h(in, 1, n, i), load_h(in, 2, n, i)));
}

extern "C" __global__ void atom_shared_add_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_add_u32(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_add_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  op_red_shared_add_u32(shared(tile + i), load_r(in, 1, n, i));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_add_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_add_s32(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_add_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  op_red_shared_add_s32(shared(tile + i), load_r(in, 1, n, i));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_add_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ float tile[96];
  tile[i] = load_f(in, 0, n, i);
  store_f(out, 1, n, i, op_atom_shared_add_f32(shared(tile + i), load_f(in, 1, n, i)));
  store_f(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_add_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ float tile[96];
  tile[i] = load_f(in, 0, n, i);
  op_red_shared_add_f32(shared(tile + i), load_f(in, 1, n, i));
  store_f(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_min_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_min_s32(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_min_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  op_red_shared_min_s32(shared(tile + i), load_r(in, 1, n, i));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_max_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_max_s32(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_max_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  op_red_shared_max_s32(shared(tile + i), load_r(in, 1, n, i));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_min_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_min_u32(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_min_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  op_red_shared_min_u32(shared(tile + i), load_r(in, 1, n, i));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_max_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_max_u32(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_max_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  op_red_shared_max_u32(shared(tile + i), load_r(in, 1, n, i));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_inc_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_inc_u32(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_inc_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  op_red_shared_inc_u32(shared(tile + i), load_r(in, 1, n, i));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_dec_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_dec_u32(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_dec_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  op_red_shared_dec_u32(shared(tile + i), load_r(in, 1, n, i));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_and_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_and_b32(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_and_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  op_red_shared_and_b32(shared(tile + i), load_r(in, 1, n, i));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_or_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_or_b32(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_or_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  op_red_shared_or_b32(shared(tile + i), load_r(in, 1, n, i));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_xor_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_xor_b32(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_xor_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  op_red_shared_xor_b32(shared(tile + i), load_r(in, 1, n, i));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_exch_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_exch_b32(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_add_noftz_f16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_add_noftz_f16x2(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_add_noftz_f16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  op_red_shared_add_noftz_f16x2(shared(tile + i), load_r(in, 1, n, i));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_add_noftz_bf16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_add_noftz_bf16x2(shared(tile + i), load_r(in, 1, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_add_noftz_bf16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  op_red_shared_add_noftz_bf16x2(shared(tile + i), load_r(in, 1, n, i));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_add_u64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint64_t tile[96];
  tile[i] = load_l(in, 0, n, i);
  store_l(out, 2, n, i, op_atom_shared_add_u64(shared(tile + i), load_l(in, 2, n, i)));
  store_l(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_add_u64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint64_t tile[96];
  tile[i] = load_l(in, 0, n, i);
  op_red_shared_add_u64(shared(tile + i), load_l(in, 2, n, i));
  store_l(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_add_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ double tile[96];
  tile[i] = load_d(in, 0, n, i);
  store_d(out, 2, n, i, op_atom_shared_add_f64(shared(tile + i), load_d(in, 2, n, i)));
  store_d(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_add_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ double tile[96];
  tile[i] = load_d(in, 0, n, i);
  op_red_shared_add_f64(shared(tile + i), load_d(in, 2, n, i));
  store_d(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_min_s64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint64_t tile[96];
  tile[i] = load_l(in, 0, n, i);
  store_l(out, 2, n, i, op_atom_shared_min_s64(shared(tile + i), load_l(in, 2, n, i)));
  store_l(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_min_s64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint64_t tile[96];
  tile[i] = load_l(in, 0, n, i);
  op_red_shared_min_s64(shared(tile + i), load_l(in, 2, n, i));
  store_l(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_max_u64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint64_t tile[96];
  tile[i] = load_l(in, 0, n, i);
  store_l(out, 2, n, i, op_atom_shared_max_u64(shared(tile + i), load_l(in, 2, n, i)));
  store_l(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_max_u64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint64_t tile[96];
  tile[i] = load_l(in, 0, n, i);
  op_red_shared_max_u64(shared(tile + i), load_l(in, 2, n, i));
  store_l(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_and_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint64_t tile[96];
  tile[i] = load_l(in, 0, n, i);
  store_l(out, 2, n, i, op_atom_shared_and_b64(shared(tile + i), load_l(in, 2, n, i)));
  store_l(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_and_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint64_t tile[96];
  tile[i] = load_l(in, 0, n, i);
  op_red_shared_and_b64(shared(tile + i), load_l(in, 2, n, i));
  store_l(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_exch_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint64_t tile[96];
  tile[i] = load_l(in, 0, n, i);
  store_l(out, 2, n, i, op_atom_shared_exch_b64(shared(tile + i), load_l(in, 2, n, i)));
  store_l(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_add_noftz_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint16_t tile[96];
  tile[i] = load_h(in, 0, n, i);
  store_h(out, 1, n, i, op_atom_shared_add_noftz_f16(shared(tile + i), load_h(in, 1, n, i)));
  store_h(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_add_noftz_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint16_t tile[96];
  tile[i] = load_h(in, 0, n, i);
  op_red_shared_add_noftz_f16(shared(tile + i), load_h(in, 1, n, i));
  store_h(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_add_noftz_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint16_t tile[96];
  tile[i] = load_h(in, 0, n, i);
  store_h(out, 1, n, i, op_atom_shared_add_noftz_bf16(shared(tile + i), load_h(in, 1, n, i)));
  store_h(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_shared_add_noftz_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  __shared__ uint16_t tile[96];
  tile[i] = load_h(in, 0, n, i);
  op_red_shared_add_noftz_bf16(shared(tile + i), load_h(in, 1, n, i));
  store_h(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_cas_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  __shared__ uint32_t tile[96];
  tile[i] = load_r(in, 0, n, i);
  store_r(out, 1, n, i, op_atom_shared_cas_b32(shared(tile + i), load_r(in, 1, n, i), load_r(in, 2, n, i)));
  store_r(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_cas_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  __shared__ uint64_t tile[96];
  tile[i] = load_l(in, 0, n, i);
  store_l(out, 2, n, i, op_atom_shared_cas_b64(shared(tile + i), load_l(in, 2, n, i), load_l(in, 4, n, i)));
  store_l(out, 0, n, i, tile[i]);
}

extern "C" __global__ void atom_shared_cas_b16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  __shared__ uint16_t tile[96];
  tile[i] = load_h(in, 0, n, i);
  store_h(out, 1, n, i, op_atom_shared_cas_b16(shared(tile + i), load_h(in, 1, n, i), load_h(in, 2, n, i)));
  store_h(out, 0, n, i, tile[i]);
}

extern "C" __global__ void red_global_v2_f32_add(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  for (uint32_t j = 0; j < 2; ++j) out[2 * i + j] = in[2 * i + j];
  op_red_global_v2_f32_add(out + 2 * i, load_f(in, 1, n, 2 * i + 0), load_f(in, 1, n, 2 * i + 1));
}

extern "C" __global__ void red_global_v4_f32_add(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  for (uint32_t j = 0; j < 4; ++j) out[4 * i + j] = in[4 * i + j];
  op_red_global_v4_f32_add(out + 4 * i, load_f(in, 1, n, 4 * i + 0), load_f(in, 1, n, 4 * i + 1), load_f(in, 1, n, 4 * i + 2), load_f(in, 1, n, 4 * i + 3));
}

extern "C" __global__ void red_global_v2_f16x2_add_noftz(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  for (uint32_t j = 0; j < 2; ++j) out[2 * i + j] = in[2 * i + j];
  op_red_global_v2_f16x2_add_noftz(out + 2 * i, load_r(in, 1, n, 2 * i + 0), load_r(in, 1, n, 2 * i + 1));
}

extern "C" __global__ void red_global_v4_f16x2_add_noftz(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  for (uint32_t j = 0; j < 4; ++j) out[4 * i + j] = in[4 * i + j];
  op_red_global_v4_f16x2_add_noftz(out + 4 * i, load_r(in, 1, n, 4 * i + 0), load_r(in, 1, n, 4 * i + 1), load_r(in, 1, n, 4 * i + 2), load_r(in, 1, n, 4 * i + 3));
}

extern "C" __global__ void red_global_v4_bf16x2_add_noftz(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  for (uint32_t j = 0; j < 4; ++j) out[4 * i + j] = in[4 * i + j];
  op_red_global_v4_bf16x2_add_noftz(out + 4 * i, load_r(in, 1, n, 4 * i + 0), load_r(in, 1, n, 4 * i + 1), load_r(in, 1, n, 4 * i + 2), load_r(in, 1, n, 4 * i + 3));
}

extern "C" __global__ void red_global_v4_f16x2_min_noftz(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  for (uint32_t j = 0; j < 4; ++j) out[4 * i + j] = in[4 * i + j];
  op_red_global_v4_f16x2_min_noftz(out + 4 * i, load_r(in, 1, n, 4 * i + 0), load_r(in, 1, n, 4 * i + 1), load_r(in, 1, n, 4 * i + 2), load_r(in, 1, n, 4 * i + 3));
}

extern "C" __global__ void red_global_v4_bf16x2_max_noftz(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  for (uint32_t j = 0; j < 4; ++j) out[4 * i + j] = in[4 * i + j];
  op_red_global_v4_bf16x2_max_noftz(out + 4 * i, load_r(in, 1, n, 4 * i + 0), load_r(in, 1, n, 4 * i + 1), load_r(in, 1, n, 4 * i + 2), load_r(in, 1, n, 4 * i + 3));
}

extern "C" __global__ void atom_global_v4_f32_add(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  for (uint32_t j = 0; j < 4; ++j) out[4 * i + j] = in[4 * i + j];
  float d[4];
  op_atom_global_v4_f32_add(d, out + 4 * i, load_f(in, 1, n, 4 * i + 0), load_f(in, 1, n, 4 * i + 1), load_f(in, 1, n, 4 * i + 2), load_f(in, 1, n, 4 * i + 3));
  for (uint32_t j = 0; j < 4; ++j) store_f(out, 1, n, 4 * i + j, d[j]);
}

extern "C" __global__ void atom_global_v4_bf16x2_add_noftz(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = threadIdx.x;
  for (uint32_t j = 0; j < 4; ++j) out[4 * i + j] = in[4 * i + j];
  uint32_t d[4];
  op_atom_global_v4_bf16x2_add_noftz(d, out + 4 * i, load_r(in, 1, n, 4 * i + 0), load_r(in, 1, n, 4 * i + 1), load_r(in, 1, n, 4 * i + 2), load_r(in, 1, n, 4 * i + 3));
  for (uint32_t j = 0; j < 4; ++j) store_r(out, 1, n, 4 * i + j, d[j]);
}

extern "C" __global__ void contended_red_global_add_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  op_red_global_add_u32(reinterpret_cast<uint64_t>(out + i % 5), load_r(in, 0, n, i));
}

extern "C" __global__ void contended_red_global_add_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  op_red_global_add_f32(reinterpret_cast<uint64_t>(out + i % 5), load_f(in, 0, n, i));
}

extern "C" __global__ void contended_red_global_inc_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  op_red_global_inc_u32(reinterpret_cast<uint64_t>(out + i % 5), load_r(in, 0, n, i));
}

extern "C" __global__ void contended_red_global_max_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  op_red_global_max_s32(reinterpret_cast<uint64_t>(out + i % 5), load_r(in, 0, n, i));
}

extern "C" __global__ void contended_red_global_add_noftz_f16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  op_red_global_add_noftz_f16x2(reinterpret_cast<uint64_t>(out + i % 5), load_r(in, 0, n, i));
}
