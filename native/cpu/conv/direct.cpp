// Direct convolution for thin groups (depthwise above all), where a matrix product would leave its tile empty. Place in
// the whole: the second way of conv and convInputGrad, the weight gradient's is thin_weight_grad.cpp. A task takes
// one image's group: it stages strips of the source's planes and slides four vectors of grid positions over them, each
// position one FMA a tap from neighbouring elements.
#include <algorithm>

#include "cpu/conv/window.h"
#include "cpu/conv/workplaces.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kColumns = 1024;         // of a strip
constexpr int64_t kStripBytes = 48 << 10;  // of staged rows
constexpr int kStreams = 4;                // vectors at once: as many independent chains of FMAs hide their latency

template <class S>
class DirectConv {
 public:
  using T = Compute<S>;

  DirectConv(const Call& c, const Problem& p, const T* weights, const Target& target)
      : p_(p), t_(target), weights_(weights), columns_(std::min(p.grid_w, kColumns)) {
    window_ = make_window<S>(p, columns_);
    window_.in_place = false;  // vectors read past a row's end
    int64_t channels = std::max<int64_t>(1, p.source_channels);
    int64_t rows = kStripBytes / (channels * window_.row_len * sizeof(T)) - window_.span_y + window_.row_step;
    strip_ = std::clamp<int64_t>(rows / window_.row_step, 1, p.grid_h);
    plane_ = window_.rows(strip_) * window_.row_len;
    int64_t* offsets = c.scratch_of<int64_t>(p.depth());
    for (int64_t i = 0; i < p.depth(); i++)
      offsets[i] = i / p.ntaps * plane_ + tap_offset(p, window_, p.taps[i % p.ntaps]);
    offsets_ = offsets;
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
  void image_group(int64_t image, int64_t g, T* staged) const {
    for (int64_t y = 0; y < p_.grid_h; y += strip_)
      for (int64_t x = 0; x < p_.grid_w; x += columns_) {
        int64_t ny = std::min(strip_, p_.grid_h - y), nx = std::min(columns_, p_.grid_w - x);
        for (int64_t ch = 0; ch < p_.source_channels; ch++)
          stage_channel<S>(p_, window_, image, g, ch, y, ny, x, staged + ch * plane_);
        for (int64_t i = 0; i < t_.channels; i++) {
          int64_t channel = g * t_.channels + i;
          T bias = t_.bias ? widen(static_cast<const S*>(t_.bias)[channel]) : T(0);
          S* out = static_cast<S*>(t_.data) + t_.base(p_, image, g) + i * t_.plane;
          strip(staged, ny, nx, weights_ + channel * p_.depth(), bias, out + y * t_.row + x * t_.column);
        }
      }
  }

  void strip(const T* staged, int64_t ny, int64_t nx, const T* weights, T bias, S* out) const {
    constexpr int kL = kLanes<T>;
    const int64_t* offsets = offsets_;
    int64_t depth = p_.depth(), row_stride = window_.row_step * window_.row_len;
    int64_t y = 0, x = 0;
    while (y < ny) {
      const T* from[kStreams];
      S* to[kStreams];
      int count[kStreams];
      for (int v = 0; v < kStreams; v++) {  // beyond the last vector the streams repeat it, with nothing to store
        bool more = y < ny;
        from[v] = more ? staged + y * row_stride + x : from[v - 1];
        to[v] = out + y * t_.row + x * t_.column;
        count[v] = more ? static_cast<int>(std::min<int64_t>(kL, nx - x)) : 0;
        x += kL;
        if (x >= nx) x = 0, y++;
      }
      Vec<T> acc[kStreams];
      for (int v = 0; v < kStreams; v++) acc[v] = splat(bias);
      for (int64_t i = 0; i < depth; i++) {
        Vec<T> weight = splat(weights[i]);
#pragma GCC unroll 4
        for (int v = 0; v < kStreams; v++) acc[v] += weight * load(from[v] + offsets[i]);
      }
      for (int v = 0; v < kStreams; v++) deliver(to[v], acc[v], count[v]);
    }
  }

  SINTER_INLINE void deliver(S* to, Vec<T> value, int count) const {
    if (t_.column == 1) return store_narrowed<S>(to, value, count);
    T lanes[kLanes<T>];
    store(lanes, value);
    for (int i = 0; i < count; i++) to[i * t_.column] = narrow<S>(lanes[i]);
  }

  Problem p_;
  Target t_;
  const T* weights_;
  const int64_t* offsets_;
  Window window_;
  int64_t columns_, strip_, plane_;
};

}  // namespace

void direct_conv(const Call& c, DType dtype, const Problem& p, const void* weights, const Target& target) {
  with_float_type(dtype, [&](auto zero) {
    using S = decltype(zero);
    DirectConv<S>(c, p, static_cast<const Compute<S>*>(weights), target).run(c);
  });
}

}  // namespace sinter::cpu::SINTER_ISA
