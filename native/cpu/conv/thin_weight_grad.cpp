// The weight gradient of thin groups (depthwise above all): each weight is one dot product of g with a shifted plane.
// Place in the whole: convWeightGrad's way where channels are too few to be vectors. A task owns one group; it stages
// strips of the source's planes and runs along them once for every kTapTile taps, a vector accumulator each. With AVX-512 the planes of
// most depthwise layers are read where they lie (rows_3x3.h).
#include <algorithm>

#include "cpu/conv/rows_3x3.h"
#include "cpu/conv/weight_grad.h"
#include "cpu/conv/window.h"
#include "cpu/conv/workplaces.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kColumns = 1024;         // of a strip
constexpr int64_t kStripBytes = 48 << 10;  // of staged rows
constexpr int kTapTile = 9;

template <class S>
class ThinWeightGrad {
 public:
  using T = Compute<S>;
  static constexpr int kL = kLanes<T>;

  ThinWeightGrad(const Call& c, const Problem& p, const WeightGrad& out)
      : p_(p), out_(out), taps_3x3_(taps_3x3(p)), columns_(std::min(p.grid_w, kColumns)) {
    window_ = make_window<S>(p, columns_);
    window_.in_place = false;  // vectors read past a row's end
    int64_t rows = kStripBytes / (p.source_channels * window_.row_len * sizeof(T)) - window_.span_y + window_.row_step;
    strip_ = std::clamp<int64_t>(rows / window_.row_step, 1, p.grid_h);
#if defined(__AVX512F__)
    if (reads_in_place()) strip_ = std::min(p.grid_h, rows_3x3_strip<T>(p.grid_w));
#endif
    plane_ = window_.rows(strip_) * window_.row_len;
    // Padded to whole tiles; what the padding yields is dropped.
    padded_depth_ = round_up(p.depth(), kTapTile);
    int64_t* offsets = c.scratch_of<int64_t>(padded_depth_);
    for (int64_t i = 0; i < padded_depth_; i++) {
      int64_t d = std::min(i, p.depth() - 1);
      offsets[i] = d / p.ntaps * plane_ + tap_offset(p, window_, p.taps[d % p.ntaps]);
    }
    offsets_ = offsets;
  }

  void run(const Call& c) const {
    int64_t staged = round_up((p_.source_channels * plane_ + kL) * sizeof(T), 64);
    int64_t widened = std::is_same_v<S, T> ? 0 : round_up(strip_ * columns_ * sizeof(T), 64);
    int64_t totals = out_.channels * padded_depth_ * sizeof(Vec<T>);
    double work = static_cast<double>(p_.images * p_.pixels() * out_.channels) * (p_.depth() + 4);
    int64_t grain = std::max<int64_t>(1, static_cast<int64_t>(4e5 / work));
    Workplaces places(c, staged + widened + totals, ceil_div(p_.groups, grain));
    parallel_for(p_.groups, grain, [&](int64_t begin, int64_t end) {
      int64_t place = places.claim();
      char* memory = places.memory(place);
      for (int64_t g = begin; g < end; g++)
        group(g, reinterpret_cast<T*>(memory), reinterpret_cast<T*>(memory + staged),
              reinterpret_cast<T*>(memory + staged + widened));
      places.release(place);
    });
  }

 private:
  void group(int64_t g, T* staged, T* widened, T* totals) const {
    std::memset(totals, 0, out_.channels * padded_depth_ * sizeof(Vec<T>));
    T bias_sums[4] = {};
    for (int64_t n = 0; n < p_.images; n++)
      for (int64_t y = 0; y < p_.grid_h; y += strip_)
        for (int64_t x = 0; x < p_.grid_w; x += columns_) {
          int64_t ny = std::min(strip_, p_.grid_h - y), nx = std::min(columns_, p_.grid_w - x);
          if (!reads_in_place())
            for (int64_t ch = 0; ch < p_.source_channels; ch++)
              stage_channel<S>(p_, window_, n, g, ch, y, ny, x, staged + ch * plane_);
          for (int64_t i = 0; i < out_.channels; i++) {
            const S* from = static_cast<const S*>(out_.g) + out_.plane(p_, n, g, i) * p_.pixels() + y * p_.grid_w + x;
            if (reads_in_place()) {
              bias_sums[i] += strip_in_place(n, g, y, ny, x, nx, from, totals + i * padded_depth_ * kL);
              continue;
            }
            const T* gradient = reinterpret_cast<const T*>(from);
            int64_t row_stride = p_.grid_w;
            if constexpr (!std::is_same_v<S, T>) {
              for (int64_t r = 0; r < ny; r++)
                for (int64_t j = 0; j < nx; j++) widened[r * nx + j] = to_compute(from[r * p_.grid_w + j]);
              gradient = widened, row_stride = nx;
            }
            bias_sums[i] += strip_sum(gradient, row_stride, ny, nx);
            for (int64_t d = 0; d < padded_depth_; d += kTapTile)
              strip(gradient, row_stride, staged, offsets_ + d, ny, nx, totals + (i * padded_depth_ + d) * kL);
          }
        }
    for (int64_t i = 0; i < out_.channels; i++) {
      S* gw = static_cast<S*>(out_.gw) + (g * out_.channels + i) * p_.depth();
      for (int64_t d = 0; d < p_.depth(); d++)
        gw[d] = narrow<S>(reduce_add<T>(load(totals + (i * padded_depth_ + d) * kL)));
      static_cast<S*>(out_.gb)[g * out_.channels + i] = narrow<S>(bias_sums[i]);
    }
  }

#if defined(__AVX512F__)
  SINTER_INLINE bool reads_in_place() const { return std::is_same_v<S, T> && taps_3x3_.exists; }
  T strip_in_place(int64_t n, int64_t g, int64_t y, int64_t ny, int64_t x, int64_t nx, const S* from, T* totals) const {
    if constexpr (std::is_same_v<S, T>) {
      const S* plane = static_cast<const S*>(p_.source) + p_.plane(n, g, 0) * p_.source_h * p_.source_w;
      return reduce_add<T>(
          weight_grad_3x3<T>({plane, p_.source_h, p_.source_w}, taps_3x3_, y, ny, x, nx, from, p_.grid_w, totals));
    }
    return T(0);
  }
#else
  SINTER_INLINE bool reads_in_place() const { return false; }
  T strip_in_place(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, const S*, T*) const { return T(0); }
#endif

  static T strip_sum(const T* g, int64_t row_stride, int64_t ny, int64_t nx) {
    Vec<T> sum = {};
    for (int64_t y = 0; y < ny; y++, g += row_stride) {
      int64_t x = 0;
      for (; x + kL <= nx; x += kL) sum += load(g + x);
      if (x < nx) sum += load_n(g + x, static_cast<int>(nx - x));
    }
    return reduce_add<T>(sum);
  }

  // totals (kTapTile, lanes) += over the strip, g times the source at each of kTapTile offsets.
  void strip(const T* g, int64_t row_stride, const T* staged, const int64_t* offsets, int64_t ny, int64_t nx,
             T* totals) const {
    Vec<T> acc[kTapTile] = {};
    const T* from[kTapTile];
    for (int i = 0; i < kTapTile; i++) from[i] = staged + offsets[i];
    const int tail = static_cast<int>(nx % kL);
    const auto in_row = tail_mask(tail);
    for (int64_t y = 0; y < ny; y++, g += row_stride) {
      int64_t at = y * window_.row_step * window_.row_len, x = 0;
      for (; x + kL <= nx; x += kL) {
        Vec<T> gv = load(g + x);
#pragma GCC unroll 9
        for (int i = 0; i < kTapTile; i++) acc[i] += gv * load(from[i] + at + x);
      }
      if (tail) {  // what lies past the row may be infinite or NaN, so zeros in g are not enough
        Vec<T> gv = load_n(g + x, tail);
#pragma GCC unroll 9
        for (int i = 0; i < kTapTile; i++) acc[i] += gv * (in_row ? load(from[i] + at + x) : Vec<T>{});
      }
    }
    for (int i = 0; i < kTapTile; i++) store(totals + i * kL, load(totals + i * kL) + acc[i]);
  }

  static SINTER_INLINE auto tail_mask(int n) {
    T lane[kL];
    for (int i = 0; i < kL; i++) lane[i] = static_cast<T>(i);
    return load(lane) < splat(static_cast<T>(n));
  }

  Problem p_;
  WeightGrad out_;
  Window window_;
  Taps3x3 taps_3x3_;
  const int64_t* offsets_;
  int64_t columns_, strip_, plane_, padded_depth_;
};

}  // namespace

void thin_weight_grad(const Call& c, DType dtype, const Problem& p, const WeightGrad& out) {
  with_float_type(dtype, [&](auto zero) { ThinWeightGrad<decltype(zero)>(c, p, out).run(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
