// Special registers. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE uint32_t sreg_tid_x() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%tid.x;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_tid_y() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%tid.y;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_tid_z() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%tid.z;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_ntid_x() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%ntid.x;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_ntid_y() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%ntid.y;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_ntid_z() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%ntid.z;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_ctaid_x() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%ctaid.x;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_ctaid_y() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%ctaid.y;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_ctaid_z() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%ctaid.z;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_nctaid_x() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%nctaid.x;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_nctaid_y() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%nctaid.y;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_nctaid_z() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%nctaid.z;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_laneid() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%laneid;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_lanemask_eq() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%lanemask_eq;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_lanemask_le() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%lanemask_le;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_lanemask_lt() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%lanemask_lt;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_lanemask_ge() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%lanemask_ge;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_lanemask_gt() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%lanemask_gt;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_clusterid_x() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%clusterid.x;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_clusterid_y() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%clusterid.y;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_clusterid_z() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%clusterid.z;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_nclusterid_x() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%nclusterid.x;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_nclusterid_y() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%nclusterid.y;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_nclusterid_z() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%nclusterid.z;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_cluster_ctaid_x() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%cluster_ctaid.x;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_cluster_ctaid_y() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%cluster_ctaid.y;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_cluster_ctaid_z() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%cluster_ctaid.z;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_cluster_nctaid_x() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%cluster_nctaid.x;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_cluster_nctaid_y() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%cluster_nctaid.y;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_cluster_nctaid_z() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%cluster_nctaid.z;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_cluster_ctarank() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_cluster_nctarank() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%cluster_nctarank;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_dynamic_smem_size() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%dynamic_smem_size;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_total_smem_size() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%total_smem_size;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_aggr_smem_size() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%aggr_smem_size;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_reserved_smem_offset_begin() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%reserved_smem_offset_begin;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_reserved_smem_offset_end() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%reserved_smem_offset_end;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_reserved_smem_offset_cap() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%reserved_smem_offset_cap;" : "=r"(d));
  return d;
}
DEVICE uint32_t sreg_is_explicit_cluster() {
  uint32_t d;
  asm volatile("{ .reg .pred p; mov.pred p, %%is_explicit_cluster; selp.u32 %0, 1, 0, p; }" : "=r"(d));
  return d;
}

extern "C" __global__ void special_plain(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  const uint32_t thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  uint32_t* q = out + (block * blockDim.x * blockDim.y * blockDim.z + thread) * 39;
  q[0] = sreg_tid_x();
  q[1] = sreg_tid_y();
  q[2] = sreg_tid_z();
  q[3] = sreg_ntid_x();
  q[4] = sreg_ntid_y();
  q[5] = sreg_ntid_z();
  q[6] = sreg_ctaid_x();
  q[7] = sreg_ctaid_y();
  q[8] = sreg_ctaid_z();
  q[9] = sreg_nctaid_x();
  q[10] = sreg_nctaid_y();
  q[11] = sreg_nctaid_z();
  q[12] = sreg_laneid();
  q[13] = sreg_lanemask_eq();
  q[14] = sreg_lanemask_le();
  q[15] = sreg_lanemask_lt();
  q[16] = sreg_lanemask_ge();
  q[17] = sreg_lanemask_gt();
  q[18] = sreg_clusterid_x();
  q[19] = sreg_clusterid_y();
  q[20] = sreg_clusterid_z();
  q[21] = sreg_nclusterid_x();
  q[22] = sreg_nclusterid_y();
  q[23] = sreg_nclusterid_z();
  q[24] = sreg_cluster_ctaid_x();
  q[25] = sreg_cluster_ctaid_y();
  q[26] = sreg_cluster_ctaid_z();
  q[27] = sreg_cluster_nctaid_x();
  q[28] = sreg_cluster_nctaid_y();
  q[29] = sreg_cluster_nctaid_z();
  q[30] = sreg_cluster_ctarank();
  q[31] = sreg_cluster_nctarank();
  q[32] = sreg_dynamic_smem_size();
  q[33] = sreg_total_smem_size();
  q[34] = sreg_aggr_smem_size();
  q[35] = sreg_reserved_smem_offset_begin();
  q[36] = sreg_reserved_smem_offset_end();
  q[37] = sreg_reserved_smem_offset_cap();
  q[38] = sreg_is_explicit_cluster();
}

extern "C" __global__ void special_cluster(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  const uint32_t thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  uint32_t* q = out + (block * blockDim.x * blockDim.y * blockDim.z + thread) * 39;
  q[0] = sreg_tid_x();
  q[1] = sreg_tid_y();
  q[2] = sreg_tid_z();
  q[3] = sreg_ntid_x();
  q[4] = sreg_ntid_y();
  q[5] = sreg_ntid_z();
  q[6] = sreg_ctaid_x();
  q[7] = sreg_ctaid_y();
  q[8] = sreg_ctaid_z();
  q[9] = sreg_nctaid_x();
  q[10] = sreg_nctaid_y();
  q[11] = sreg_nctaid_z();
  q[12] = sreg_laneid();
  q[13] = sreg_lanemask_eq();
  q[14] = sreg_lanemask_le();
  q[15] = sreg_lanemask_lt();
  q[16] = sreg_lanemask_ge();
  q[17] = sreg_lanemask_gt();
  q[18] = sreg_clusterid_x();
  q[19] = sreg_clusterid_y();
  q[20] = sreg_clusterid_z();
  q[21] = sreg_nclusterid_x();
  q[22] = sreg_nclusterid_y();
  q[23] = sreg_nclusterid_z();
  q[24] = sreg_cluster_ctaid_x();
  q[25] = sreg_cluster_ctaid_y();
  q[26] = sreg_cluster_ctaid_z();
  q[27] = sreg_cluster_nctaid_x();
  q[28] = sreg_cluster_nctaid_y();
  q[29] = sreg_cluster_nctaid_z();
  q[30] = sreg_cluster_ctarank();
  q[31] = sreg_cluster_nctarank();
  q[32] = sreg_dynamic_smem_size();
  q[33] = sreg_total_smem_size();
  q[34] = sreg_aggr_smem_size();
  q[35] = sreg_reserved_smem_offset_begin();
  q[36] = sreg_reserved_smem_offset_end();
  q[37] = sreg_reserved_smem_offset_cap();
  q[38] = sreg_is_explicit_cluster();
}
