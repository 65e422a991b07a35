// maskedSelect: the elements under a mask, in row-major order; maskedScatter: the reverse. Place in the whole: kernels of
// native/ops.def, compiled once per instruction set.
//   maskedSelect   x, mask (bool, shape of x) -> y (k): the first k elements under the mask, then zeros
//   maskedScatter  x, mask, src -> y: the elements under the mask replaced by those of src in order, which must suffice
// Any element type: elements are moved, never interpreted.
#include "cpu/index/selected.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

const int64_t* first_under_mask(const Call& c) {
  const uint8_t* mask = c.in[1].as<uint8_t>();
  return first_of_blocks(c, c.in[1].numel, [=](int64_t begin, int64_t end) {
    int64_t n = 0;
    for (int64_t i = begin; i < end; i++) n += mask[i] != 0;
    return n;
  });
}

}  // namespace

void maskedSelect(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  const uint8_t* mask = c.in[1].as<uint8_t>();
  const int64_t n = x.numel, k = y.numel;
  const int64_t* first = first_under_mask(c);
  const int64_t total = first[(n + kSelectBlock - 1) / kSelectBlock];
  with_bytes(x.dtype, [&](auto element) {
    using B = decltype(element);
    const B* from = x.as<B>();
    B* to = y.as<B>();
    each_block(n, first, [=](int64_t begin, int64_t end, int64_t at) {
      for (int64_t i = begin; i < end && at < k; i++)
        if (mask[i]) to[at++] = from[i];
    });
    for (int64_t i = total; i < k; i++) to[i] = B{};
  });
}

void maskedScatter(const Call& c) {
  const TensorRef &x = c.in[0], &src = c.in[2], &y = c.out[0];
  const uint8_t* mask = c.in[1].as<uint8_t>();
  const int64_t n = x.numel;
  const int64_t* first = first_under_mask(c);
  const int64_t total = first[(n + kSelectBlock - 1) / kSelectBlock];
  if (total > src.numel)
    fail(ErrorCode::index_out_of_range, "maskedScatter: the mask selects %lld elements, src has %lld",
         static_cast<long long>(total), static_cast<long long>(src.numel));
  with_bytes(x.dtype, [&](auto element) {
    using B = decltype(element);
    const B *kept = x.as<B>(), *from = src.as<B>();
    B* to = y.as<B>();
    each_block(n, first, [=](int64_t begin, int64_t end, int64_t at) {
      for (int64_t i = begin; i < end; i++) to[i] = mask[i] ? from[at++] : kept[i];
    });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
