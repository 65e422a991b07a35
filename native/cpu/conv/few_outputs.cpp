// Convolution into few channels, from any number. Place in the whole: the way of conv and convInputGrad where a matrix
// product would have too few rows for its register tile, and packing patches would cost as much as multiplying them: images
// made of features, the input gradient of a first layer, groups of eight channels.
//
// A task takes a strip of grid rows: it stages some source channels' rows at a time and slides a register tile of all outputs by
// some vectors of neighbouring positions over them, each loaded vector serving every output. The sums stay beside, from one lot of
// channels to the next; lots are cut by shapes alone, so results do not depend on the number of threads.
#include <algorithm>

#include "cpu/conv/finish.h"
#include "cpu/conv/window.h"
#include "cpu/conv/workplaces.h"
#include "cpu/simd/fma.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kColumns = 1024;          // of a strip
constexpr int64_t kRows = 28;               // of a strip
constexpr int64_t kStagedBytes = 96 << 10;  // of a lot of channels
constexpr int64_t kTasks = 8;               // strips are cut until there are so many

// The register tile's vectors: with the outputs some twelve accumulators or more, which hide the latency of FMAs.
constexpr int vectors_of(int outputs) { return outputs == 1 ? 8 : outputs == 2 ? 6 : outputs == 3 ? 4 : 3; }

// What a tile reads: `channels` source channels `plane` elements apart, each at ntaps offsets.
template <class T>
struct Lot {
  int64_t channels, plane;
  const int64_t* offsets;
  int64_t ntaps;
  const T* weights;  // of output 0; the others' lie `depth` elements further each
  int64_t depth;
};

// sums (kOutputs, kVectors * lanes), output i at i * lds: [+]= lot.
template <class T, int kOutputs, int kVectors>
static void few_tile(const Lot<T>& lot, const T* from, T* sums, int64_t lds) {
  constexpr int kL = kLanes<T>;
  Vec<T> acc[kOutputs][kVectors];
#pragma GCC unroll 8
  for (int i = 0; i < kOutputs; i++)
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; v++) acc[i][v] = load(sums + i * lds + v * kL);
  const T* weights = lot.weights;
  for (int64_t ch = 0; ch < lot.channels; ch++, from += lot.plane)
    for (int64_t t = 0; t < lot.ntaps; t++, weights++) {
      const T* at = from + lot.offsets[t];
      if constexpr (kOutputs > kVectors) {  // the fewer of both stay in registers
        Vec<T> x[kVectors];
#pragma GCC unroll 8
        for (int v = 0; v < kVectors; v++) x[v] = load(at + v * kL);
#pragma GCC unroll 8
        for (int i = 0; i < kOutputs; i++) {
          const Vec<T> w = splat(weights[i * lot.depth]);
#pragma GCC unroll 8
          for (int v = 0; v < kVectors; v++) fma_into(acc[i][v], w, x[v]);
        }
      } else {
        Vec<T> w[kOutputs];
#pragma GCC unroll 8
        for (int i = 0; i < kOutputs; i++) w[i] = splat(weights[i * lot.depth]);
#pragma GCC unroll 8
        for (int v = 0; v < kVectors; v++) {
          const Vec<T> x = load(at + v * kL);
#pragma GCC unroll 8
          for (int i = 0; i < kOutputs; i++) fma_into(acc[i][v], w[i], x);
        }
      }
    }
#pragma GCC unroll 8
  for (int i = 0; i < kOutputs; i++)
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; v++) store(sums + i * lds + v * kL, acc[i][v]);
}

template <class T>
using FewTile = void (*)(const Lot<T>&, const T*, T*, int64_t);

template <class T, int kOutputs, int... kVector>
FewTile<T> few_tile_of(int vectors, std::integer_sequence<int, kVector...>) {
  static constexpr FewTile<T> table[] = {few_tile<T, kOutputs, kVector + 1>...};
  return table[vectors - 1];
}

template <class S>
class FewOutputs {
 public:
  using T = Compute<S>;
  static constexpr int kL = kLanes<T>;

  FewOutputs(const Call& c, const Problem& p, const T* weights, const Target& target)
      : p_(p), t_(target), weights_(weights), columns_(std::min(p.grid_w, kColumns)) {
    window_ = make_window<S>(p, columns_);
    window_.in_place = false;  // vectors read past a row's end
    strip_ = std::min(p.grid_h, kRows);
    while (strip_ > 4 && p.images * p.groups * ceil_div(p.grid_h, strip_) < kTasks) strip_ = ceil_div(strip_, 2);
    plane_ = window_.rows(strip_) * window_.row_len;
    lot_ = std::clamp<int64_t>(kStagedBytes / (plane_ * static_cast<int64_t>(sizeof(T))), 1, p.source_channels);
    lds_ = round_up(columns_, kL);
    int64_t* offsets = c.scratch_of<int64_t>(p.ntaps);
    for (int64_t t = 0; t < p.ntaps; t++) offsets[t] = tap_offset(p, window_, p.taps[t]);
    offsets_ = offsets;
  }

  void run(const Call& c) const {
    const int64_t strips = ceil_div(p_.grid_h, strip_), tasks = p_.images * p_.groups * strips;
    const int64_t staged = round_up((lot_ * plane_ + vectors_of(1) * kL) * sizeof(T), 64);
    const double work = static_cast<double>(strip_ * p_.grid_w * t_.channels) * (p_.depth() + 4);
    const int64_t grain = std::max<int64_t>(1, static_cast<int64_t>(2e5 / work));
    Workplaces places(c, staged + t_.channels * strip_ * lds_ * static_cast<int64_t>(sizeof(T)),
                      ceil_div(tasks, grain));
    parallel_for(tasks, grain, [&](int64_t begin, int64_t end) {
      const int64_t place = places.claim();
      T* memory = reinterpret_cast<T*>(places.memory(place));
      T* sums = reinterpret_cast<T*>(places.memory(place) + staged);
      for (int64_t i = begin; i < end; i++) {
        const int64_t y = i % strips * strip_, g = i / strips % p_.groups, image = i / strips / p_.groups;
        for (int64_t x = 0; x < p_.grid_w; x += columns_)
          part(image, g, y, std::min(strip_, p_.grid_h - y), x, std::min(columns_, p_.grid_w - x), memory, sums);
      }
      places.release(place);
    });
  }

 private:
  // ny rows of nx positions.
  void part(int64_t image, int64_t g, int64_t y, int64_t ny, int64_t x, int64_t nx, T* staged, T* sums) const {
    const int64_t output = strip_ * lds_;  // of sums
    for (int64_t i = 0; i < t_.channels; i++) {
      const int64_t channel = g * t_.channels + i;
      fill_run(sums + i * output, ny * lds_, t_.bias ? to_compute(static_cast<const S*>(t_.bias)[channel]) : T(0));
    }
    Lot<T> lot{0, plane_, offsets_, p_.ntaps, nullptr, p_.depth()};
    for (int64_t c0 = 0; c0 < p_.source_channels; c0 += lot_) {
      lot.channels = std::min(lot_, p_.source_channels - c0);
      lot.weights = weights_ + g * t_.channels * p_.depth() + c0 * p_.ntaps;
      for (int64_t ch = 0; ch < lot.channels; ch++)
        stage_channel<S>(p_, window_, image, g, c0 + ch, y, ny, x, staged + ch * plane_);
      for (int64_t r = 0; r < ny; r++)
        multiply(lot, staged + r * window_.row_step * window_.row_len, nx, sums + r * lds_, output);
    }
    for (int64_t i = 0; i < t_.channels; i++) {
      S* out = static_cast<S*>(t_.data) + t_.base(p_, image, g) + i * t_.plane + y * t_.row + x * t_.column;
      for (int64_t r = 0; r < ny; r++, out += t_.row) deliver(sums + i * output + r * lds_, out, nx);
    }
  }

  // A row, in tiles of nearly equal width.
  void multiply(const Lot<T>& lot, const T* from, int64_t nx, T* sums, int64_t lds) const {
    const int outputs = static_cast<int>(t_.channels);
    const int64_t vectors = ceil_div(nx, kL), tiles = ceil_div(vectors, vectors_of(outputs));
    for (int64_t i = 0; i < tiles; i++) {
      const int64_t first = vectors * i / tiles, count = vectors * (i + 1) / tiles - first;
      tile_of(outputs, static_cast<int>(count))(lot, from + first * kL, sums + first * kL, lds);
    }
  }

  static FewTile<T> tile_of(int outputs, int vectors) {
    switch (outputs) {
      case 1: return few_tile_of<T, 1>(vectors, std::make_integer_sequence<int, vectors_of(1)>());
      case 2: return few_tile_of<T, 2>(vectors, std::make_integer_sequence<int, vectors_of(2)>());
      case 3: return few_tile_of<T, 3>(vectors, std::make_integer_sequence<int, vectors_of(3)>());
      case 4: return few_tile_of<T, 4>(vectors, std::make_integer_sequence<int, vectors_of(4)>());
    }
#if defined(__AVX512F__)
    switch (outputs) {
      case 5: return few_tile_of<T, 5>(vectors, std::make_integer_sequence<int, vectors_of(5)>());
      case 6: return few_tile_of<T, 6>(vectors, std::make_integer_sequence<int, vectors_of(6)>());
      case 7: return few_tile_of<T, 7>(vectors, std::make_integer_sequence<int, vectors_of(7)>());
      case 8: return few_tile_of<T, 8>(vectors, std::make_integer_sequence<int, vectors_of(8)>());
    }
#endif
    return nullptr;
  }

  void deliver(T* sums, S* out, int64_t n) const {
    if (t_.finishes()) finish_run<S>(t_, sums, out, n);
    if constexpr (std::is_same_v<S, T>) {
      if (t_.column == 1) return gather_run(sums, 1, n, false, out);
    }
    for (int64_t i = 0; i < n; i++) out[i * t_.column] = narrow<S>(sums[i]);
  }

  Problem p_;
  Target t_;
  const T* weights_;
  const int64_t* offsets_;
  Window window_;
  int64_t columns_, strip_, plane_, lot_, lds_;
};

}  // namespace

void few_outputs_conv(const Call& c, DType dtype, const Problem& p, const void* weights, const Target& target) {
  with_float_type(dtype, [&](auto zero) {
    using S = decltype(zero);
    FewOutputs<S>(c, p, static_cast<const Compute<S>*>(weights), target).run(c);
  });
}

}  // namespace sinter::cpu::SINTER_ISA
