// convChannelsLast: x (n, h, w, c), w (o, c, kh, kw), bias? (o), residual? (like y) -> y (n, oh, ow, o), y = activation(sums + bias +
// residual). Place in the whole: conv of one group where the image comes channels-last, whose result stays so.
//
// y (pixels, o) = patches (pixels, depth) * weights (depth, o), depth in the order (kernel row, kernel column, channel). A pixel's part
// of a kernel row is one run of the image, so patches are read where they lie, or, where there is padding or conversion, from staged
// rows with their padding: the register tile broadcasts from any rows. The weights are packed into panels once a call. f32, f64; bf16
// and f16 accumulate in f32.
#include "cpu/conv/channels_last.h"

#include "cpu/conv/finish.h"
#include "cpu/conv/window.h"
#include "cpu/conv/workplaces.h"
#include "cpu/gemm/row_tiles.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr double kTaskFlops = 4e6;
constexpr int64_t kPackChannels = 16;

template <class S>
class ChannelsLast {
 public:
  using T = Compute<S>;

  explicit ChannelsLast(const Call& c)
      : g_(c, std::is_same_v<S, T>), target_{g_.y.data, g_.outputs, 1, 0, 0, 0, nullptr} {
    target_.activation = g_.a.activation;
    if (c.opt(3).present()) target_.residual = c.in[3].data;
    // Without dilation a kernel row is one run.
    runs_ = g_.a.x.dilation == 1 ? 1 : g_.kernel_w;
    run_ = g_.kernel_w * g_.channels / runs_;
    g_.cut(kTaskFlops, kMR, kNR<T>, g_.channels * static_cast<int64_t>(sizeof(T)));
  }

  void run(const Call& c) const {
    const int64_t depth = g_.kernel_h * g_.kernel_w * g_.channels, panels = ceil_div(g_.outputs, kNR<T>);
    T* packed = c.scratch_of<T>(panels * kNR<T> * depth);
    parallel_for(panels, ceil_div(1 << 13, depth * kNR<T> + 1), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) pack(i, packed + i * kNR<T> * depth);
    });
    const T* bias = widened_bias(c);
    const int64_t blocks = g_.blocks(), splits = g_.splits();
    const int64_t staged =
        g_.in_place ? 0 : round_up(g_.staged_rows(g_.rows) * g_.staged_w * g_.channels * sizeof(T), 64);
    const int64_t sums = std::is_same_v<S, T> ? 0 : g_.rows * g_.columns * g_.split * static_cast<int64_t>(sizeof(T));
    Workplaces places(c, staged + sums, blocks * splits);
    parallel_for(blocks * splits, 1, [&](int64_t begin, int64_t end) {
      const int64_t place = places.claim();
      char* memory = places.memory(place);
      for (int64_t i = begin; i < end; i++)
        block(g_.block(i / splits), i % splits * g_.split, packed, bias, reinterpret_cast<T*>(memory),
              reinterpret_cast<T*>(memory + staged));
      places.release(place);
    });
  }

 private:
  const T* widened_bias(const Call& c) const {
    const TensorRef& bias = c.opt(2);
    if (!bias.present()) return nullptr;
    if constexpr (std::is_same_v<S, T>) return bias.as<T>();
    T* wide = c.scratch_of<T>(g_.outputs);
    for (int64_t i = 0; i < g_.outputs; i++) wide[i] = to_compute(bias.as<S>()[i]);
    return wide;
  }

  // A panel (depth, kNR) of the weights.
  void pack(int64_t panel, T* to) const {
    const int64_t taps = g_.kernel_h * g_.kernel_w, depth = taps * g_.channels;
    const int64_t o0 = panel * kNR<T>, count = std::min<int64_t>(kNR<T>, g_.outputs - o0);
    // Some channels at a time, whose lines of the panel stay in L1 until they are full.
    for (int64_t c0 = 0; c0 < g_.channels; c0 += kPackChannels)
      for (int64_t j = 0; j < kNR<T>; j++) {
        const S* from = g_.w.as<S>() + (o0 + j) * depth;
        for (int64_t ch = c0, end = std::min(c0 + kPackChannels, g_.channels); ch < end; ch++)
          for (int64_t t = 0; t < taps; t++)
            to[(t * g_.channels + ch) * kNR<T> + j] = j < count ? to_compute(from[ch * taps + t]) : T(0);
      }
  }

  void block(const ChannelsLastProblem::Block& b, int64_t o0, const T* packed, const T* bias, T* staged,
             T* sums) const {
    const int64_t outputs = std::min(g_.split, g_.outputs - o0), depth = g_.kernel_h * g_.kernel_w * g_.channels;
    const T* source = staged;
    if (g_.in_place)
      source = g_.x.as<T>() + g_.first_pixel(b) * g_.channels;
    else
      stage(b, staged);
    S* out = g_.y.as<S>() + g_.first_result(b) * g_.outputs + o0;
    T* c = reinterpret_cast<T*>(out);
    int64_t ldc = g_.outputs, row_stride = g_.out_w * g_.outputs;
    if constexpr (!std::is_same_v<S, T>) c = sums, ldc = g_.split, row_stride = b.nx * g_.split;

    MicroTile<T> tile;
    tile.rsa = g_.a.x.stride * g_.channels, tile.csa = 1, tile.ldb = kNR<T>, tile.ldc = ldc;
    const RowTiles tiles(b.nx);
    for (int64_t j = 0; j < outputs; j += kNR<T>) {
      tile.cols = static_cast<int>(std::min<int64_t>(kNR<T>, outputs - j));
      const T* panel = packed + (o0 + j) * depth;
      bool first = true;
      for (int64_t i = 0; i < g_.kernel_h * runs_; i++) {
        const T* row = source + (i / runs_ * g_.a.y.dilation * g_.staged_w + i % runs_ * g_.a.x.dilation) * g_.channels;
        for (int64_t k0 = 0; k0 < run_; k0 += kKC, first = false) {
          tile.k = std::min<int64_t>(kKC, run_ - k0);
          tile.b = panel + (i * run_ + k0) * kNR<T>;
          tile.accumulate = !first;
          tile.col_bias = first && bias ? bias + o0 + j : nullptr;
          for (int64_t y = 0; y < b.ny; y++)
            for (int64_t t = 0; t < tiles.count; t++) {
              const RowTile r = tiles[t];
              tile.rows = r.rows;
              tile.a = row + (y * g_.a.y.stride * g_.staged_w + r.first * g_.a.x.stride) * g_.channels + k0;
              tile.c = c + y * row_stride + r.first * ldc + j;
              micro_kernel(tile);
            }
        }
      }
    }
    for (int64_t y = 0; y < b.ny; y++)
      for (int64_t x = 0; x < b.nx; x++) {
        T* results = c + y * row_stride + x * ldc;
        S* place = out + (y * g_.out_w + x) * g_.outputs;
        if (target_.finishes()) finish_run<S>(target_, results, place, outputs);
        if constexpr (!std::is_same_v<S, T>)
          for (int64_t i = 0; i < outputs; i++) place[i] = narrow<S>(results[i]);
      }
  }

  void stage(const ChannelsLastProblem::Block& b, T* staged) const {
    const int64_t channels = g_.channels, length = g_.staged_w * channels;
    g_.each_staged_row(b, [=, this](int64_t r, int64_t lo, int64_t hi, int64_t first) {
      T* const to = staged + r * length;
      fill_run(to, lo * channels, T(0));
      if (lo < hi) gather_run(g_.x.as<S>() + first * channels, 1, (hi - lo) * channels, false, to + lo * channels);
      fill_run(to + hi * channels, length - hi * channels, T(0));
    });
  }

  ChannelsLastProblem g_;
  Target target_;
  int64_t runs_, run_;
};

}  // namespace

void convChannelsLast(const Call& c) {
  const TensorRef& y = c.out[0];
  if (y.numel == 0) return;
  if (c.in[0].dim(3) == 0) fail(ErrorCode::unsupported, "convChannelsLast: an image without channels");
  const bool known = with_float_type(y.dtype, [&](auto zero) { ChannelsLast<decltype(zero)>(c).run(c); });
  if (!known) fail(ErrorCode::unsupported, "convChannelsLast: dtype %s is not supported on cpu", dtype_name(y.dtype));
}

}  // namespace sinter::cpu::SINTER_ISA
