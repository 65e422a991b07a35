// convChannelsLast: x (n, h, w, c), w (o, c, kh, kw), bias? (o), residual? (like y) -> y (n, oh, ow, o), y = activation(sums + bias +
// residual). Place in the whole: conv of one group where the image comes channels-last, whose result stays so.
//
// y (pixels, o) = patches (pixels, depth) * weights (depth, o), depth in the order (kernel row, kernel column, channel). A pixel's part
// of a kernel row is one run of the image, so patches are read where they lie, or, where there is padding or conversion, from staged
// rows with their padding: the register tile broadcasts from any rows. The weights are packed into panels once a call. f32, f64; bf16
// and f16 accumulate in f32.
#include <algorithm>

#include "cpu/conv/finish.h"
#include "cpu/conv/window.h"
#include "cpu/conv/workplaces.h"
#include "cpu/gemm/row_tiles.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kStagedBytes = 192 << 10;  // of a task's rows
constexpr double kTaskFlops = 4e6;
constexpr int64_t kPackChannels = 16;

template <class S>
class ChannelsLast {
 public:
  using T = Compute<S>;

  ChannelsLast(const Call& c, const ConvAttributes& a)
      : a_(a), x_(c.in[0]), w_(c.in[1]), y_(c.out[0]), channels_(x_.dim(3)), outputs_(y_.dim(3)), h_(x_.dim(1)),
        width_(x_.dim(2)), out_h_(y_.dim(1)), out_w_(y_.dim(2)), kernel_h_(w_.dim(2)), kernel_w_(w_.dim(3)),
        target_{y_.data, outputs_, 1, 0, 0, 0, nullptr} {
    target_.activation = a.activation;
    if (c.opt(3).present()) target_.residual = c.in[3].data;
    reach_w_ = a.x.dilation * (kernel_w_ - 1) + 1, reach_h_ = a.y.dilation * (kernel_h_ - 1) + 1;
    in_place_ = std::is_same_v<S, T> && a.unpadded() && (out_h_ - 1) * a.y.stride + reach_h_ <= h_ &&
                (out_w_ - 1) * a.x.stride + reach_w_ <= width_;
    if (in_place_ && kernel_h_ == 1 && kernel_w_ == 1 && a.plain()) {  // rows follow one another
      out_w_ *= out_h_ * x_.dim(0), width_ = out_w_, out_h_ = h_ = 1, images_ = 1;
    } else {
      images_ = x_.dim(0);
    }
    staged_w_ = in_place_ ? width_ : (out_w_ - 1) * a.x.stride + reach_w_;
    // Without dilation a kernel row is one run.
    runs_ = a.x.dilation == 1 ? 1 : kernel_w_;
    run_ = kernel_w_ * channels_ / runs_;
    cut();
  }

  void run(const Call& c) const {
    const int64_t depth = kernel_h_ * kernel_w_ * channels_, panels = ceil_div(outputs_, kNR<T>);
    T* packed = c.scratch_of<T>(panels * kNR<T> * depth);
    parallel_for(panels, ceil_div(1 << 13, depth * kNR<T> + 1), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) pack(i, packed + i * kNR<T> * depth);
    });
    const T* bias = widened_bias(c);
    const int64_t blocks = ceil_div(out_h_, rows_) * ceil_div(out_w_, columns_) * images_;
    const int64_t staged = in_place_ ? 0 : round_up(staged_rows(rows_) * staged_w_ * channels_ * sizeof(T), 64);
    const int64_t sums = std::is_same_v<S, T> ? 0 : rows_ * columns_ * split_ * static_cast<int64_t>(sizeof(T));
    const int64_t splits = ceil_div(outputs_, split_);
    Workplaces places(c, staged + sums, blocks * splits);
    parallel_for(blocks * splits, 1, [&](int64_t begin, int64_t end) {
      const int64_t place = places.claim();
      char* memory = places.memory(place);
      for (int64_t i = begin; i < end; i++)
        block(i / splits, i % splits * split_, packed, bias, reinterpret_cast<T*>(memory),
              reinterpret_cast<T*>(memory + staged));
      places.release(place);
    });
  }

 private:
  int64_t staged_rows(int64_t rows) const { return (rows - 1) * a_.y.stride + reach_h_; }

  // A task's rows, columns (of one long row) and outputs.
  void cut() {
    const double element = 2.0 * static_cast<double>(kernel_h_ * kernel_w_ * channels_) * outputs_;
    columns_ = out_w_, rows_ = 1, split_ = outputs_;
    if (in_place_ && out_h_ == 1)
      columns_ =
          std::clamp<int64_t>(static_cast<int64_t>(kTaskFlops / element), 4 * kMR, std::max<int64_t>(out_w_, 4 * kMR));
    columns_ = std::min(columns_, out_w_);
    while (rows_ < out_h_ && rows_ * columns_ * element < kTaskFlops &&
           staged_rows(rows_ + 1) * staged_w_ * channels_ * static_cast<int64_t>(sizeof(T)) < kStagedBytes)
      rows_++;
    const int64_t tasks = ceil_div(out_h_, rows_) * ceil_div(out_w_, columns_) * images_, wanted = 3 * pool_threads();
    if (tasks < wanted) split_ = std::max<int64_t>(4 * kNR<T>, round_up(ceil_div(outputs_ * tasks, wanted), kNR<T>));
    split_ = std::min(split_, outputs_);
  }

  const T* widened_bias(const Call& c) const {
    const TensorRef& bias = c.opt(2);
    if (!bias.present()) return nullptr;
    if constexpr (std::is_same_v<S, T>) return bias.as<T>();
    T* wide = c.scratch_of<T>(outputs_);
    for (int64_t i = 0; i < outputs_; i++) wide[i] = widen(bias.as<S>()[i]);
    return wide;
  }

  // A panel (depth, kNR) of the weights.
  void pack(int64_t panel, T* to) const {
    const int64_t taps = kernel_h_ * kernel_w_, depth = taps * channels_;
    const int64_t o0 = panel * kNR<T>, count = std::min<int64_t>(kNR<T>, outputs_ - o0);
    // Some channels at a time, whose lines of the panel stay in L1 until they are full.
    for (int64_t c0 = 0; c0 < channels_; c0 += kPackChannels)
      for (int64_t j = 0; j < kNR<T>; j++) {
        const S* from = w_.as<S>() + (o0 + j) * depth;
        for (int64_t ch = c0, end = std::min(c0 + kPackChannels, channels_); ch < end; ch++)
          for (int64_t t = 0; t < taps; t++)
            to[(t * channels_ + ch) * kNR<T> + j] = j < count ? widen(from[ch * taps + t]) : T(0);
      }
  }

  void block(int64_t index, int64_t o0, const T* packed, const T* bias, T* staged, T* sums) const {
    const int64_t across = ceil_div(out_w_, columns_), down = ceil_div(out_h_, rows_);
    const int64_t x0 = index % across * columns_, y0 = index / across % down * rows_, image = index / across / down;
    const int64_t nx = std::min(columns_, out_w_ - x0), ny = std::min(rows_, out_h_ - y0);
    const int64_t outputs = std::min(split_, outputs_ - o0), depth = kernel_h_ * kernel_w_ * channels_;
    const T* source = staged;
    if (in_place_)
      source = x_.as<T>() + ((image * h_ + y0 * a_.y.stride) * width_ + x0 * a_.x.stride) * channels_;
    else
      stage(image, y0, ny, staged);
    S* out = y_.as<S>() + ((image * out_h_ + y0) * out_w_ + x0) * outputs_ + o0;
    T* c = reinterpret_cast<T*>(out);
    int64_t ldc = outputs_, row_stride = out_w_ * outputs_;
    if constexpr (!std::is_same_v<S, T>) c = sums, ldc = split_, row_stride = nx * split_;

    MicroTile<T> tile;
    tile.rsa = a_.x.stride * channels_, tile.csa = 1, tile.ldb = kNR<T>, tile.ldc = ldc;
    const RowTiles tiles(nx);
    for (int64_t j = 0; j < outputs; j += kNR<T>) {
      tile.cols = static_cast<int>(std::min<int64_t>(kNR<T>, outputs - j));
      const T* panel = packed + (o0 + j) * depth;
      bool first = true;
      for (int64_t i = 0; i < kernel_h_ * runs_; i++) {
        const T* row = source + (i / runs_ * a_.y.dilation * staged_w_ + i % runs_ * a_.x.dilation) * channels_;
        for (int64_t k0 = 0; k0 < run_; k0 += kKC, first = false) {
          tile.k = std::min<int64_t>(kKC, run_ - k0);
          tile.b = panel + (i * run_ + k0) * kNR<T>;
          tile.accumulate = !first;
          tile.col_bias = first && bias ? bias + o0 + j : nullptr;
          for (int64_t y = 0; y < ny; y++)
            for (int64_t t = 0; t < tiles.count; t++) {
              const RowTile r = tiles[t];
              tile.rows = r.rows;
              tile.a = row + (y * a_.y.stride * staged_w_ + r.first * a_.x.stride) * channels_ + k0;
              tile.c = c + y * row_stride + r.first * ldc + j;
              micro_kernel(tile);
            }
        }
      }
    }
    for (int64_t y = 0; y < ny; y++)
      for (int64_t x = 0; x < nx; x++) {
        T* results = c + y * row_stride + x * ldc;
        S* place = out + (y * out_w_ + x) * outputs_;
        if (target_.finishes()) finish_run<S>(target_, results, place, outputs);
        if constexpr (!std::is_same_v<S, T>)
          for (int64_t i = 0; i < outputs; i++) place[i] = narrow<S>(results[i]);
      }
  }

  // The rows that grid rows [y0, y0 + ny) meet, with their padding.
  void stage(int64_t image, int64_t y0, int64_t ny, T* to) const {
    const int64_t length = staged_w_ * channels_;
    const int64_t lo = std::min(a_.x.padding, staged_w_), hi = std::clamp(width_ + a_.x.padding, lo, staged_w_);
    for (int64_t r = 0, n = staged_rows(ny); r < n; r++, to += length) {
      const int64_t row = y0 * a_.y.stride + r - a_.y.padding;
      if (row < 0 || row >= h_) {
        fill_run(to, length, T(0));
        continue;
      }
      const S* from = x_.as<S>() + (image * h_ + row) * width_ * channels_;
      fill_run(to, lo * channels_, T(0));
      if (lo < hi) gather_run(from, 1, (hi - lo) * channels_, false, to + lo * channels_);
      fill_run(to + hi * channels_, (staged_w_ - hi) * channels_, T(0));
    }
  }

  ConvAttributes a_;
  TensorRef x_, w_, y_;
  int64_t channels_, outputs_, h_, width_, out_h_, out_w_, kernel_h_, kernel_w_;
  Target target_;
  int64_t images_, reach_h_, reach_w_, staged_w_, runs_, run_, rows_, columns_, split_;
  bool in_place_;
};

}  // namespace

void convChannelsLast(const Call& c) {
  const TensorRef& y = c.out[0];
  if (y.numel == 0) return;
  if (c.in[0].dim(3) == 0) fail(ErrorCode::unsupported, "convChannelsLast: an image without channels");
  const bool known =
      with_float_type(y.dtype, [&](auto zero) { ChannelsLast<decltype(zero)>(c, ConvAttributes(c)).run(c); });
  if (!known) fail(ErrorCode::unsupported, "convChannelsLast: dtype %s is not supported on cpu", dtype_name(y.dtype));
}

}  // namespace sinter::cpu::SINTER_ISA
