// gridSampleBackward: the gradients of gridSample by the image and by the grid. Place in the whole: kernel of
// native/ops.def, compiled once per instruction set.
//   g (n, c, od, oh, ow), x (n, c, d, h, w), grid (n, od, oh, ow, k) -> gx, ggrid, contiguous, f32 f64 bf16 f16
//   {mode, padding, alignCorners}
// gx: every tap adds g times its weight to its element; a range owns whole planes (a few channels, which share the taps),
// so the order of additions is fixed. ggrid: a block of positions sums over the channels, positions across the lanes.
#include "cpu/resample/grid.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int64_t kPlanes = 8;  // channels that share a block's taps

template <class T>
struct Backward {
  using C = Compute<T>;
  GridProblem p;
  const T *g, *x, *grid;

  // Adds to the planes of channels [k0, k1) of a sample; sums holds them one after the other.
  void scatter(int64_t sample, int64_t k0, int64_t k1, GridTaps<C>& taps, C* sums) const {
    std::memset(sums, 0, static_cast<size_t>((k1 - k0) * p.plane) * sizeof(C));
    for (int64_t first = 0; first < p.positions; first += kGridBlock) {
      const int64_t count = std::min(kGridBlock, p.positions - first);
      grid_taps(p, grid + sample * p.positions * p.axes, first, count, false, taps);
      for (int64_t k = k0; k < k1; k++) {
        const T* from = g + (sample * p.channels + k) * p.positions + first;
        C* plane = sums + (k - k0) * p.plane;
        for (int t = 0; t < taps.count; t++)
          for (int64_t i = 0; i < count; i++)
            if (taps.at[t][i] >= 0) plane[taps.at[t][i]] += to_compute(from[i]) * taps.weight[t][i];
      }
    }
  }

  void image(const Call& c, T* gx) const {
    const int64_t groups = (p.channels + kPlanes - 1) / kPlanes, n = p.n * groups;
    const int64_t sums = sizeof(T) == sizeof(C) ? 0 : kPlanes * p.plane * static_cast<int64_t>(sizeof(C));
    const Workplaces places(c, static_cast<int64_t>(sizeof(GridTaps<C>)) + sums, n);
    parallel_for(n, 1, [&, this](int64_t begin, int64_t end) {
      const int64_t place = places.claim();
      GridTaps<C>& taps = *reinterpret_cast<GridTaps<C>*>(places.memory(place));
      for (int64_t r = begin; r < end; r++) {
        const int64_t sample = r / groups, k0 = r % groups * kPlanes, k1 = std::min(k0 + kPlanes, p.channels);
        T* out = gx + (sample * p.channels + k0) * p.plane;
        if constexpr (sizeof(T) == sizeof(C)) {
          scatter(sample, k0, k1, taps, out);
        } else {
          C* wide = reinterpret_cast<C*>(places.memory(place) + sizeof(GridTaps<C>));
          scatter(sample, k0, k1, taps, wide);
          each_step<T>((k1 - k0) * p.plane, [&](int64_t i, auto part) { put(part, out + i, get(part, wide + i)); });
        }
      }
      places.release(place);
    });
  }

  void coordinates(const Call& c, T* ggrid) const {
    const int64_t blocks = p.blocks(), grain = grain_of(kGridBlock * (p.channels + 4) * p.taps() * p.axes),
                  n = p.n * blocks;
    const Workplaces places(c, sizeof(GridTaps<C>), (n + grain - 1) / grain);
    parallel_for(n, grain, [&, this](int64_t begin, int64_t end) {
      const int64_t place = places.claim();
      GridTaps<C>& taps = *reinterpret_cast<GridTaps<C>*>(places.memory(place));
      for (int64_t r = begin; r < end; r++) block(r / blocks, r % blocks * kGridBlock, taps, ggrid);
      places.release(place);
    });
  }

  void block(int64_t sample, int64_t first, GridTaps<C>& taps, T* ggrid) const {
    const int64_t count = std::min(kGridBlock, p.positions - first);
    const int64_t start = (sample * p.positions + first) * p.axes;
    grid_taps(p, grid + sample * p.positions * p.axes, first, count, true, taps);
    C sum[3][kGridBlock] = {};
    for (int64_t k = 0; k < p.channels; k++) {
      const int64_t channel = sample * p.channels + k;
      const T* __restrict plane = x + channel * p.plane, * __restrict from = g + channel * p.positions + first;
      for (int t = 0; t < taps.count; t++)
        for (int a = 0; a < p.axes; a++)
          for (int64_t i = 0; i < count; i++) {
            const int32_t at = taps.at[t][i];
            const C v = to_compute(plane[at < 0 ? 0 : at]) * taps.slope[a][t][i] * to_compute(from[i]);
            sum[a][i] += at < 0 ? C(0) : v;
          }
    }
    for (int64_t i = 0; i < count; i++)
      for (int a = 0; a < p.axes; a++) ggrid[start + i * p.axes + a] = from_compute<T>(sum[a][i]);
  }
};

template <class T>
void grid_sample_backward(const Call& c) {
  const Backward<T> b{GridProblem(c, c.in[1], c.in[2]), c.in[0].as<T>(), c.in[1].as<T>(), c.in[2].as<T>()};
  b.image(c, c.out[0].as<T>());
  b.coordinates(c, c.out[1].as<T>());
}

}  // namespace

void gridSampleBackward(const Call& c) {
  if (c.in[1].numel == 0 || c.in[0].numel == 0) {
    for (int i = 0; i < 2; i++)
      if (c.out[i].numel > 0)
        std::memset(c.out[i].data, 0, static_cast<size_t>(c.out[i].numel) * dtype_size(c.out[i].dtype));
    return;
  }
  with_floating(c.in[1].dtype, "gridSampleBackward", [&](auto t) { grid_sample_backward<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
