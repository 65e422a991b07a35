// Direct convolution for thin groups (depthwise above all), where a matrix product would leave its tile empty. Place in
// the whole: the second way of conv and convInputGrad, the weight gradient's is thin_weight_grad.cpp. A task takes
// one image's group: it stages strips of the source's planes and slides four vectors of grid positions over them, each
// position one FMA a tap from neighbouring elements. With AVX-512 the planes of most depthwise layers are read where they lie (rows_3x3.h).
#include <algorithm>

#include "cpu/conv/finish.h"
#include "cpu/conv/rows_3x3.h"
#include "cpu/conv/window.h"
#include "cpu/conv/workplaces.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kColumns = 1024;         // of a strip
constexpr int64_t kStripBytes = 48 << 10;  // of staged rows

template <class S>
class DirectConv {
 public:
  using T = Compute<S>;

  DirectConv(const Call& c, const Problem& p, const T* weights, const Target& target)
      : p_(p), t_(target), weights_(weights), columns_(std::min(p.grid_w, kColumns)), taps_3x3_(taps_3x3(p)) {
    window_ = make_window<S>(p, columns_);
    window_.in_place = false;  // vectors read past a row's end
    int64_t channels = std::max<int64_t>(1, p.source_channels);
    int64_t rows = kStripBytes / (channels * window_.row_len * sizeof(T)) - window_.span_y + window_.row_step;
    strip_ = std::clamp<int64_t>(rows / window_.row_step, 1, p.grid_h);
#if defined(__AVX512F__)
    if (reads_in_place()) strip_ = std::min(p.grid_h, rows_3x3_strip<T>(p.grid_w));
#endif
    plane_ = window_.rows(strip_) * window_.row_len;
    int64_t* offsets = c.scratch_of<int64_t>(p.depth());
    for (int64_t i = 0; i < p.depth(); i++)
      offsets[i] = i / p.ntaps * plane_ + tap_offset(p, window_, p.taps[i % p.ntaps]);
    offsets_ = offsets;
    auto along = [&](int i) { return offsets[i] - offsets[0]; };
    square_.exists = p.depth() == 9 && p.ntaps == 9;
    for (int i = 0; square_.exists && i < 9; i++) square_.exists = along(i) == i / 3 * along(3) + along(i % 3);
    if (square_.exists) square_ = {true, {offsets[0], offsets[1], offsets[2]}, along(3)};
  }

  void run(const Call& c) const {
    int64_t tasks = p_.images * p_.groups;
    double work = static_cast<double>(p_.pixels() * t_.channels) * (p_.depth() + 4);
    int64_t grain = std::max<int64_t>(1, static_cast<int64_t>(2e5 / work));
    Workplaces places(c, (p_.source_channels * plane_ + kLanes<T>)*sizeof(T), ceil_div(tasks, grain));
    parallel_for(tasks, grain, [&](int64_t begin, int64_t end) {
      int64_t place = places.claim();
      T* staged = reinterpret_cast<T*>(places.memory(place));
      for (int64_t i = begin; i < end; i++) image_group(i / p_.groups, i % p_.groups, staged);
      places.release(place);
    });
  }

 private:
  // The offsets of 3 x 3 taps of one source channel: i * down + across[j].
  struct Square {
    bool exists;
    int64_t across[3], down;
  };

  void image_group(int64_t image, int64_t g, T* staged) const {
    for (int64_t y = 0; y < p_.grid_h; y += strip_)
      for (int64_t x = 0; x < p_.grid_w; x += columns_) {
        int64_t ny = std::min(strip_, p_.grid_h - y), nx = std::min(columns_, p_.grid_w - x);
        if (!reads_in_place())
          for (int64_t ch = 0; ch < p_.source_channels; ch++)
            stage_channel<S>(p_, window_, image, g, ch, y, ny, x, staged + ch * plane_);
        for (int64_t i = 0; i < t_.channels; i++) {
          int64_t channel = g * t_.channels + i;
          T bias = t_.bias ? to_compute(static_cast<const S*>(t_.bias)[channel]) : T(0);
          S* out = static_cast<S*>(t_.data) + t_.base(p_, image, g) + i * t_.plane;
          out += y * t_.row + x * t_.column;
          const T* weights = weights_ + channel * p_.depth();
          if (reads_in_place())
            strip_in_place(image, g, y, ny, x, nx, weights, bias, out);
          else
            strip(staged, ny, nx, weights, bias, out);
          if constexpr (std::is_same_v<S, T>)
            for (int64_t r = 0; t_.finishes() && r < ny; r++, out += t_.row) finish_run<S>(t_, out, out, nx);
        }
      }
  }

#if defined(__AVX512F__)
  SINTER_INLINE bool reads_in_place() const { return std::is_same_v<S, T> && taps_3x3_.exists && t_.column == 1; }
  void strip_in_place(int64_t image, int64_t g, int64_t y, int64_t ny, int64_t x, int64_t nx, const T* weights, T bias,
                      S* out) const {
    if constexpr (std::is_same_v<S, T>) {
      const S* plane = static_cast<const S*>(p_.source) + p_.plane(image, g, 0) * p_.source_h * p_.source_w;
      rows_3x3<T>({plane, p_.source_h, p_.source_w}, taps_3x3_, y, ny, x, nx, weights, bias, out, t_.row);
    }
  }
#else
  SINTER_INLINE bool reads_in_place() const { return false; }
  void strip_in_place(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, const T*, T, S*) const {}
#endif

  // A strip of a channel: rows in pairs, each in vectors of which the last one ends with the row: it makes some results twice, and
  // nothing has to be masked.
  void strip(const T* staged, int64_t ny, int64_t nx, const T* weights, T bias, S* out) const {
    constexpr int kL = kLanes<T>;
    const int64_t row_stride = window_.row_step * window_.row_len, last = std::max<int64_t>(0, nx - kL);
    const int count = static_cast<int>(std::min<int64_t>(kL, nx));
    for (int64_t y = 0; y < ny; y += 2) {
      const int64_t second = std::min(y + 1, ny - 1);  // a single row is made twice
      const T *from0 = staged + y * row_stride, *from1 = staged + second * row_stride;
      S *to0 = out + y * t_.row, *to1 = out + second * t_.row;
      if constexpr (std::is_same_v<S, T>) {
        if (square_.exists && t_.column == 1 && count == kL) {
          square_rows(square_, from0, from1, nx, weights, bias, to0, to1);
          continue;
        }
      }
      for (int64_t x = 0; x < nx; x += 2 * kL) {
        const int64_t x0 = std::min(x, last), x1 = std::min(x + kL, last);
        Vec<T> acc00 = splat(bias), acc01 = acc00, acc10 = acc00, acc11 = acc00;
        for (int64_t i = 0, depth = p_.depth(); i < depth; i++) {
          const Vec<T> weight = splat(weights[i]);
          const T *at0 = from0 + offsets_[i], *at1 = from1 + offsets_[i];
          acc00 += weight * load(at0 + x0), acc01 += weight * load(at0 + x1);
          acc10 += weight * load(at1 + x0), acc11 += weight * load(at1 + x1);
        }
        deliver(to0 + x0 * t_.column, acc00, count), deliver(to0 + x1 * t_.column, acc01, count);
        deliver(to1 + x0 * t_.column, acc10, count), deliver(to1 + x1 * t_.column, acc11, count);
      }
    }
  }

  // Two rows by 3 x 3 taps of one source channel. What counts here is instructions: the taps' number is fixed, and their addresses
  // are a row's and a column's.
  static void square_rows(const Square s, const T* from0, const T* from1, int64_t nx, const T* weights, T bias, T* to0,
                          T* to1) {
    constexpr int kL = kLanes<T>;
    const int64_t last = nx - kL;
    for (int64_t x = 0; x < nx; x += 2 * kL) {
      const int64_t x0 = std::min(x, last), x1 = std::min(x + kL, last);
      const T *row0 = from0 + x0, *row1 = from1 + x0;
      const int64_t right = x1 - x0;
      Vec<T> acc00 = splat(bias), acc01 = acc00, acc10 = acc00, acc11 = acc00;
#pragma GCC unroll 3
      for (int i = 0; i < 3; i++, row0 += s.down, row1 += s.down)
#pragma GCC unroll 3
        for (int j = 0; j < 3; j++) {
          const Vec<T> weight = splat(weights[3 * i + j]);
          acc00 += weight * load(row0 + s.across[j]), acc01 += weight * load(row0 + s.across[j] + right);
          acc10 += weight * load(row1 + s.across[j]), acc11 += weight * load(row1 + s.across[j] + right);
        }
      store(to0 + x0, acc00), store(to0 + x1, acc01);
      store(to1 + x0, acc10), store(to1 + x1, acc11);
    }
  }

  SINTER_INLINE void deliver(S* to, Vec<T> value, int count) const {
    const bool finishes = !std::is_same_v<S, T> && t_.finishes();  // else the strip is finished where it lies
    if (t_.column == 1 && !finishes) return store_narrowed<S>(to, value, count);
    T lanes[kLanes<T>];
    store(lanes, value);
    if (finishes) finish_run<S>(t_, lanes, to, count);
    for (int i = 0; i < count; i++) to[i * t_.column] = narrow<S>(lanes[i]);
  }

  Problem p_;
  Target t_;
  const T* weights_;
  const int64_t* offsets_;
  Window window_;
  int64_t columns_, strip_, plane_;
  Taps3x3 taps_3x3_;
  Square square_ = {};
};

}  // namespace

void direct_conv(const Call& c, DType dtype, const Problem& p, const void* weights, const Target& target) {
  with_float_type(dtype, [&](auto zero) {
    using S = decltype(zero);
    DirectConv<S>(c, p, static_cast<const Compute<S>*>(weights), target).run(c);
  });
}

}  // namespace sinter::cpu::SINTER_ISA
