// pagedWrite: new keys and values into the blocks of a paged cache. Place in the whole: kernel of native/ops.def, compiled once per
// instruction set; pagedAttention reads what it wrote.
#include "cpu/attention/problem.h"
#include "cpu/embed/index.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

struct Rows {
  const TensorRef &pool, &x;  // (blocks, hk, size, d), (b, hk, t, d)

  template <class B>
  void write(int64_t batch, int64_t head, int64_t i, int64_t slot) const {
    const int64_t size = pool.dim(2), d = pool.dim(3), step = x.strides[3], pace = pool.strides[3];
    const B* from = HeadRows(x).at<B>(batch, head, i);
    B* to = HeadRows(pool).at<B>(slot / size, head, slot % size);
    if (step == 1 && pace == 1)
      std::memcpy(to, from, static_cast<size_t>(d) * sizeof(B));
    else
      for (int64_t j = 0; j < d; j++) to[j * pace] = from[j * step];
  }
};

}  // namespace

void pagedWrite(const Call& c) {
  const TensorRef &keys = c.in[0], &values = c.in[1], &k = c.in[2], &v = c.in[3], &slots = c.in[4];
  const int64_t b = k.dim(0), hk = k.dim(1), t = k.dim(2), places = keys.dim(0) * keys.dim(2);
  int64_t* at = c.scratch_of<int64_t>(std::max<int64_t>(b * t, 1));
  for (int64_t row = 0; row < b * t; row++) {
    at[row] = index_at(slots, row / t * slots.strides[0] + row % t * slots.strides[1]);
    if (at[row] < -1 || at[row] >= places)
      fail(ErrorCode::index_out_of_range, "pagedWrite: slot %lld of a cache of %lld, expected -1 to %lld",
           static_cast<long long>(at[row]), static_cast<long long>(places), static_cast<long long>(places - 1));
  }
  const Rows all[] = {{keys, k}, {values, v}};
  with_bytes(keys.dtype, [&](auto element) {
    // A range is whole heads: of two rows for one slot the later one stays, on any number of threads.
    parallel_for(hk, grain_of(b * t * (keys.dim(3) + values.dim(3))), [&](int64_t begin, int64_t end) {
      for (int64_t head = begin; head < end; head++)
        for (int64_t row = 0; row < b * t; row++)
          if (at[row] >= 0)
            for (const Rows& rows : all) rows.write<decltype(element)>(row / t, head, row % t, at[row]);
    });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
