// Host side of rotary.cu.
#include "cuda/kernels/embed/rotary.h"

#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_rotary;

namespace {

constinit Kernel kernels[] = {{image_rotary, "rotary_f32"},
                              {image_rotary, "rotary_f64"},
                              {image_rotary, "rotary_bf16"},
                              {image_rotary, "rotary_f16"}};

void report_position(const ReportRecord& r, char* message, size_t size) {
  std::snprintf(message, size, "rotary: position %lld of a table of %lld", static_cast<long long>(r.value[0]),
                static_cast<long long>(r.value[1]));
}

}  // namespace

SINTER_CUDA_OP(rotary) {
  const TensorRef &x = call.in[0], &cosines = call.in[1], places = call.opt(3), &y = call.out[0];
  if (!is_floating(x.dtype))
    fail(ErrorCode::unsupported, "rotary: dtype %s is not supported on cuda", dtype_name(x.dtype));
  if (x.numel == 0) return;
  const int64_t b = x.dim(0), h = x.dim(1), t = x.dim(2), d = x.dim(3);
  if (places.present() && places.dim(0) != 1 && places.dim(0) != b)
    fail(ErrorCode::internal, "rotary: positions of %lld batches for %lld", static_cast<long long>(places.dim(0)),
         static_cast<long long>(b));
  const bool by_rows = call.attr[3] != 0;
  Rotary r{};
  r.x = x.data, r.y = y.data, r.cosines = cosines.data, r.sines = call.in[2].data;
  if (places.present()) {
    r.positions = indices_of(places, "rotary");
    r.position_strides[0] = places.dim(0) == 1 ? 0 : places.strides[0];
    r.position_strides[1] = places.strides[1];
  }
  for (int k = 0; k < 3; k++) r.x_strides[k] = x.strides[k];
  r.y_strides[0] = h * t * d;
  r.y_strides[1] = by_rows ? d : t * d;
  r.y_strides[2] = by_rows ? h * d : d;
  r.first = call.int_attr(0), r.count = cosines.dim(0);
  r.half = cosines.dim(1), r.d = d;
  r.heads = split_of(h), r.rows = split_of(t), r.pairs = split_of(d - r.half);
  r.total = b * h * t * r.pairs.size;
  r.interleaved = call.attr[1] != 0, r.inverse = call.attr[2] != 0;
  launch(call, kernels[static_cast<int>(x.dtype)], blocks_of(r.total), Dim(kIndexThreads), 0, r,
         call.report(ErrorCode::index_out_of_range, report_position));
}

}  // namespace sinter::cuda
