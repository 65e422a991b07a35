// gridSample: an image read where a grid points. Place in the whole: kernel of native/ops.def, compiled once per
// instruction set.
//   x (n, c, d, h, w), grid (n, od, oh, ow, k) -> y (n, c, od, oh, ow), contiguous, f32 f64 bf16 f16
//   {mode, padding, alignCorners}
// A range is a block of positions: its taps are found once and then read from every channel, positions across the lanes.
#include "cpu/resample/grid.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T>
void grid_sample(const Call& c) {
  using C = Compute<T>;
  const TensorRef &x = c.in[0], &grid = c.in[1];
  const GridProblem p(c, x, grid);
  if (c.out[0].numel == 0) return;
  const T *from = x.as<T>(), *where = grid.as<T>();
  T* y = c.out[0].as<T>();
  const int64_t blocks = p.blocks(), grain = grain_of(kGridBlock * (p.channels + 4) * p.taps()), n = p.n * blocks;
  const Workplaces places(c, sizeof(GridTaps<C>), (n + grain - 1) / grain);
  parallel_for(n, grain, [&](int64_t begin, int64_t end) {
    const int64_t place = places.claim();
    GridTaps<C>& taps = *reinterpret_cast<GridTaps<C>*>(places.memory(place));
    for (int64_t r = begin; r < end; r++) {
      const int64_t sample = r / blocks, first = r % blocks * kGridBlock,
                    count = std::min(kGridBlock, p.positions - first);
      grid_taps(p, where + sample * p.positions * p.axes, first, count, false, taps);
      for (int64_t k = 0; k < p.channels; k++) {
        const T* __restrict plane = from + (sample * p.channels + k) * p.plane;
        C sum[kGridBlock] = {};
        for (int t = 0; t < taps.count; t++)
          for (int64_t i = 0; i < count; i++) {
            const int32_t at = taps.at[t][i];
            const C v = to_compute(plane[at < 0 ? 0 : at]) * taps.weight[t][i];
            sum[i] += at < 0 ? C(0) : v;
          }
        T* out = y + (sample * p.channels + k) * p.positions + first;
        each_step<T>(count, [&](int64_t i, auto part) { put(part, out + i, get(part, sum + i)); });
      }
    }
    places.release(place);
  });
}

}  // namespace

void gridSample(const Call& c) {
  if (c.in[0].numel == 0) {
    std::memset(c.out[0].data, 0, static_cast<size_t>(c.out[0].numel) * dtype_size(c.out[0].dtype));
    return;
  }
  with_floating(c.in[0].dtype, "gridSample", [&](auto t) { grid_sample<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
