// Host side of groups.cu; contracts as in native/cpu/quant/groups.cpp.
#include <bit>

#include "cuda/kernels/quant/grouped.h"
#include "cuda/kernels/reports.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_groups;

namespace {

// f32, bf16, f16
constinit Kernel quantizes[] = {{image_groups, "quantize_groups_f32"},
                                {image_groups, "quantize_groups_bf16"},
                                {image_groups, "quantize_groups_f16"}};
// 4 bits, 8 bits
constinit Kernel packs[] = {{image_groups, "pack_groups_4"}, {image_groups, "pack_groups_8"}};
constinit Kernel unpacks[] = {{image_groups, "unpack_groups_4"}, {image_groups, "unpack_groups_8"}};
constinit Kernel dequantizes[][3] = {{{image_groups, "dequantize_groups_4_f32"},
                                      {image_groups, "dequantize_groups_4_bf16"},
                                      {image_groups, "dequantize_groups_4_f16"}},
                                     {{image_groups, "dequantize_groups_8_f32"},
                                      {image_groups, "dequantize_groups_8_bf16"},
                                      {image_groups, "dequantize_groups_8_f16"}}};

int weight_type(DType dtype) {
  switch (dtype) {
    case DType::f32: return 0;
    case DType::bf16: return 1;
    case DType::f16: return 2;
    default: fail(ErrorCode::unsupported, "groups of weights: dtype %s is not supported on cuda", dtype_name(dtype));
  }
}

int width_index(int64_t bits) { return bits == 8; }

// Tiles of a packed matrix: a block each.
Dim tiles_of(int64_t out, int64_t words) {
  return Dim((out + kGroupPanel - 1) / kGroupPanel * ((words + kGroupWords - 1) / kGroupWords));
}

ReportRecord* report_code(const Call& call) {
  return call.report(ErrorCode::index_out_of_range, [](const ReportRecord& r, char* message, size_t size) {
    const int levels = 1 << (r.kind / 2), offset = r.kind % 2 ? levels / 2 : 0;
    std::snprintf(message, size, "packGroups: the code %lld of output %lld, input %lld is out of range: %d to %d",
                  static_cast<long long>(r.value[0]), static_cast<long long>(r.value[1]),
                  static_cast<long long>(r.value[2]), -offset, levels - 1 - offset);
  });
}

}  // namespace

GroupedWeight read_groups(const Call& call, int first, int64_t out, int64_t in) {
  const TensorRef &codes = call.in[first], &scales = call.in[first + 1], zeros = call.opt(first + 2);
  return {codes.as<uint32_t>(),
          scales.as<uint16_t>(),
          zeros.present() ? zeros.as<uint8_t>() : nullptr,
          out,
          in,
          codes.dims[1],
          scales.dims[1],
          std::countr_zero(static_cast<uint32_t>(call.int_attr(1))),
          scales.dtype == DType::bf16};
}

void dequantize(const Call& call, const GroupedWeight& w, DType dtype, void* y, void* rest) {
  launch(call, dequantizes[width_index(call.int_attr(0))][weight_type(dtype)], tiles_of(w.out, w.words),
         Dim(kGroupThreads), 0, w, y, rest);
}

SINTER_CUDA_OP(quantizeGroups) {
  const TensorRef &w = call.in[0], &scales = call.out[1];
  GroupQuantizing q{};
  q.w = w.data, q.codes = call.out[0].data, q.scales = scales.data;
  q.zeros = call.nout == 3 ? call.out[2].as<uint8_t>() : nullptr;
  q.in = w.dims[1], q.groups = scales.dims[1];
  q.bits = static_cast<int32_t>(call.int_attr(0)), q.group = static_cast<int32_t>(call.int_attr(1));
  q.bf16_scales = scales.dtype == DType::bf16;
  q.threads = w.dims[0] * q.groups * (q.group / kQuantizeQuad);
  launch(call, quantizes[weight_type(w.dtype)], Dim((q.threads + kGroupThreads - 1) / kGroupThreads),
         Dim(kGroupThreads), 0, q);
}

SINTER_CUDA_OP(packGroups) {
  const TensorRef &codes = call.in[0], &packed = call.out[0];
  GroupPacking p{};
  p.from = codes.data, p.to = packed.data;
  p.fault = reinterpret_cast<Fault*>(report_code(call));
  p.out = codes.dims[0], p.in = codes.dims[1], p.words = packed.dims[1];
  p.offset = codes.dtype == DType::i8 ? 1 << (call.int_attr(0) - 1) : 0;
  launch(call, packs[width_index(call.int_attr(0))], tiles_of(p.out, p.words), Dim(kGroupThreads), 0, p);
}

SINTER_CUDA_OP(unpackGroups) {
  const TensorRef &packed = call.in[0], &codes = call.out[0];
  GroupPacking p{};
  p.from = packed.data, p.to = codes.data;
  p.out = codes.dims[0], p.in = codes.dims[1], p.words = packed.dims[1];
  p.offset = codes.dtype == DType::i8 ? 1 << (call.int_attr(0) - 1) : 0;
  launch(call, unpacks[width_index(call.int_attr(0))], tiles_of(p.out, p.words), Dim(kGroupThreads), 0, p);
}

SINTER_CUDA_OP(dequantizeGroups) {
  const TensorRef& y = call.out[0];
  dequantize(call, read_groups(call, 0, y.dims[0], y.dims[1]), y.dtype, y.data, nullptr);
}

}  // namespace sinter::cuda
