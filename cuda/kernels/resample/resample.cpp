// resample. Place in the whole: host side of resample.cu; contract as in native/cpu/resample/resample.cpp. Windows and weights are made
// by the host, which needs no more than the sizes, and sent.
#define SINTER_ISA cuda_host
#include "cuda/kernels/resample/resample.h"

#include <cstring>

#include "cpu/resample/rule.h"
#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_resample;

namespace {

using cpu::cuda_host::AxisRule;
using cpu::cuda_host::Filter;

constinit Kernel kernels[] = {{image_resample, "resample_f32"},
                              {image_resample, "resample_f64"},
                              {image_resample, "resample_bf16"},
                              {image_resample, "resample_f16"}};

// The windows of an axis in host memory: starts and counts (outputs each), then weights (taps, outputs).
template <class C>
ResampleAxis make_axis(const Call& call, const AxisRule& rule, int64_t in, int64_t out, bool transposed) {
  const auto host = [&](int64_t n, size_t size) {
    void* memory = call.host_scratch(static_cast<size_t>(n) * size);
    std::memset(memory, 0, static_cast<size_t>(n) * size);
    return memory;
  };
  int32_t* starts = static_cast<int32_t*>(host(2 * out, sizeof(int32_t)));
  int32_t* counts = starts + out;
  const int64_t most = rule.most(), windows = transposed ? in : out;
  double* w = static_cast<double*>(host(most, sizeof(double)));
  int64_t start = 0, count = 0, taps = most;
  if (transposed) {
    for (int64_t j = 0; j < windows; j++) {
      rule.window(j, start, count, w);
      for (int64_t i = start; i < start + count; i++) {
        if (counts[i] == 0) starts[i] = static_cast<int32_t>(j);
        counts[i] = static_cast<int32_t>(j - starts[i] + 1);
      }
    }
    taps = 1;
    for (int64_t i = 0; i < out; i++) taps = std::max<int64_t>(taps, counts[i]);
  }
  C* weights = static_cast<C*>(host(taps * out, sizeof(C)));
  for (int64_t j = 0; j < windows; j++) {
    rule.window(j, start, count, w);
    if (!transposed) {
      starts[j] = static_cast<int32_t>(start);
      counts[j] = static_cast<int32_t>(count);
    }
    for (int64_t k = 0; k < count; k++) {
      const int64_t i = start + k;
      weights[transposed ? (j - starts[i]) * out + i : k * out + j] = static_cast<C>(w[k]);
    }
  }
  int32_t* ends = call.scratch_of<int32_t>(2 * out);
  call.queue->upload(ends, starts, static_cast<size_t>(2 * out) * sizeof(int32_t));
  C* on_device = call.scratch_of<C>(taps * out);
  call.queue->upload(on_device, weights, static_cast<size_t>(taps * out) * sizeof(C));
  return {ends, ends + out, on_device, split_of(out), in};
}

}  // namespace

SINTER_CUDA_OP(resample) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  if (!is_floating(x.dtype))
    fail(ErrorCode::unsupported, "resample: dtype %s is not supported on cuda", dtype_name(x.dtype));
  if (y.numel == 0) return;
  if (x.numel == 0) return set_bytes(call, y.data, 0, static_cast<size_t>(y.numel) * dtype_size(y.dtype));
  const Filter filter = static_cast<Filter>(call.int_attr(0));
  const bool align = call.attr[1] != 0, transposed = call.attr[2] != 0, twice = x.dtype == DType::f64;
  Resampling r{};
  r.x = x.data, r.y = y.data, r.total = y.numel;
  for (int i = 0; i < 3; i++) {
    const int64_t in = x.dims[1 + i], out = y.dims[1 + i];
    const AxisRule rule(filter, align, call.attr[3 + i], !twice, transposed ? out : in, transposed ? in : out);
    r.axes[i] =
        twice ? make_axis<double>(call, rule, in, out, transposed) : make_axis<float>(call, rule, in, out, transposed);
  }
  launch(call, kernels[static_cast<int>(x.dtype)], blocks_of(r.total, 1), Dim(kIndexThreads), 0, r);
}

}  // namespace sinter::cuda
