// The machine's limits, measured. Place in the whole: the bench states each kernel's share of them; nothing else calls this.
#pragma once

namespace sinter {

// One limit from several timed rounds on `threads` threads that live only for the call: GFLOP/s of the fastest round for fma_*
// and dot_*, GB/s of the fastest for cache_* and of the median round for mem_*. NaN when the name is unknown or this machine or build cannot run it.
//   fma_f32_* fma_f64_*    fused multiply-add from registers; suffix baseline, avx2, avx512 or neon
//   dot_bf16_avx512  dot_bf16_amx  dot_i8_avx512_vnni  dot_i8_amx  dot_i8_avx2 (vpmaddwd)
//   cache_read_l1_16k  cache_read_l2_512k  cache_read_l3_6m
//   mem_read  mem_write[_nt]  mem_copy[_nt]  mem_triad[_nt]  mem_rmw_inplace   (bytes read and written; nt: streaming stores)
double measure_peak(const char* name, int threads);

}  // namespace sinter
