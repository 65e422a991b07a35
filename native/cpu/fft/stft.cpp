// stft: spectra of overlapping windows of real signals in one pass. Place in the whole: kernel of native/ops.def, compiled once per
// instruction set.
//
// x (b, n), window? (size), f32 or f64, contiguous -> y (b, size / 2 + 1, frames), complex, or with `power` > 0 the real |y|^power
// {size, hop, pad, mode, scale, power}: frame t covers elements t hop - pad ... of the signal, which goes on beyond its ends as
// `mode` says. A block is kLanes<T> frames of one signal, which are read where they lie (frames that reach beyond the ends from a
// copy), and whose spectra lie side by side in y: neither frames nor the longer signal nor a transposition is ever in memory.
#include <algorithm>

#include "cpu/conv/workplaces.h"
#include "cpu/fft/lines.h"
#include "cpu/fft/real.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

enum class Beyond : int { reflect, zero, replicate, circular };

// Element `at` of a signal of n that goes on beyond its ends; -1 where it is zero there.
SINTER_INLINE int64_t inside_signal(int64_t at, int64_t n, Beyond mode) {
  if (at >= 0 && at < n) return at;
  switch (mode) {
    case Beyond::reflect: return at < 0 ? -at : 2 * (n - 1) - at;
    case Beyond::replicate: return at < 0 ? 0 : n - 1;
    case Beyond::circular: return at < 0 ? at + n : at - n;
    default: return -1;
  }
}

// Rows of the block times the window: element `step` j + `first` of it for row j.
template <class T>
SINTER_INLINE void multiply_rows(T* plane, const T* window, int64_t rows, int64_t first, int64_t step) {
  constexpr int64_t lanes = kLanes<T>;
  for (int64_t j = 0; j < rows; j++)
    store(plane + j * lanes, Vec<T>(load(plane + j * lanes) * window[first + step * j]));
}

template <class T>
struct Frames {
  const T* window;
  int64_t n, size, hop, pad, frames, bins;
  Beyond mode;
  T scale, power;

  Frames(const Call& c)
      : window(c.opt(1).present() ? c.in[1].as<const T>() : nullptr), n(c.in[0].dims[1]), size(c.int_attr(0)),
        hop(c.int_attr(1)), pad(c.int_attr(2)), frames(c.out[0].dims[2]), bins(c.out[0].dims[1]),
        mode(static_cast<Beyond>(c.int_attr(3))), scale(static_cast<T>(c.attr[4])), power(static_cast<T>(c.attr[5])) {}

  // Frames [first, first + count) of a signal as a block of transforms. `copy` has room for their elements.
  SINTER_INLINE void transform(const T* x, int64_t first, int count, T* copy, const FftTables<T>& tables,
                               const FftTables<T>& roots, Block<T>& b) const {
    Lines<const T> in{x, {}, 1, count, false};
    const bool within = first * hop >= pad && (first + count - 1) * hop - pad + size <= n;
    for (int l = 0; l < count; l++) {
      in.offset[l] = within ? (first + l) * hop - pad : l * size;
      if (within) continue;
      for (int64_t j = 0; j < size; j++) {
        const int64_t at = inside_signal((first + l) * hop - pad + j, n, mode);
        copy[l * size + j] = at < 0 ? T(0) : x[at];
      }
    }
    if (!within) in.base = copy;
    const int64_t h = size / 2;
    if (size % 2 == 0) {
      in.stride = 2;  // neighbours are the parts of a complex number: see real.h
      load_complex(in, h, h, b.re, b.im);
      if (window) {
        multiply_rows(b.re, window, h, 0, 2);
        multiply_rows(b.im, window, h, 1, 2);
      }
      fft_block(tables, b);
      unpack_rows(b, h, roots.roots);
    } else {
      load_real(in, 0, 1, size, size, b.re);
      zero_rows(b.im, 0, size);
      if (window) multiply_rows(b.re, window, size, 0, 1);
      fft_block(tables, b);
    }
  }

  // Row k of the block -> y[k * frames ...], the powers of `count` frames.
  SINTER_INLINE void store_powers(const Block<T>& b, T* y, int count) const {
    for (int64_t k = 0; k < bins; k++) {
      const Vec<T> re = load(b.re + k * kLanes<T>) * scale, im = load(b.im + k * kLanes<T>) * scale;
      Vec<T> p = re * re + im * im;
      if (power == T(1))
        p = vsqrt(p);
      else if (power != T(2))
        p = vpow(p, splat(power / 2));
      store_some(y + k * frames, p, count);
    }
  }
};

template <class T>
void short_transforms(const Call& c) {
  constexpr int64_t lanes = kLanes<T>;
  const Frames<T> f(c);
  const int64_t blocks = (f.frames + lanes - 1) / lanes;
  const bool even = f.size % 2 == 0;
  const Tables<T> tables(FftKind::transform, even ? f.size / 2 : f.size), roots(FftKind::roots, even ? f.size : 1);
  const int64_t block_bytes = Block<T>::bytes(tables->rows());
  const int64_t bytes = block_bytes + lanes * f.size * static_cast<int64_t>(sizeof(T));
  const int64_t grain = std::max<int64_t>(1, 32768 / (f.size * lanes)), items = c.in[0].dims[0] * blocks;
  const Workplaces places(c, bytes, (items + grain - 1) / grain);
  const T* x = c.in[0].as<const T>();
  T* y = c.out[0].as<T>();
  parallel_for(items, grain, [&](int64_t begin, int64_t end) {
    const int64_t place = places.claim();
    T* copy = reinterpret_cast<T*>(places.memory(place) + block_bytes);
    for (int64_t i = begin; i < end; i++) {
      const int64_t signal = i / blocks, first = i % blocks * lanes, at = signal * f.bins * f.frames + first;
      const int count = static_cast<int>(std::min(lanes, f.frames - first));
      Block<T> b(places.memory(place), tables->rows());
      f.transform(x + signal * f.n, first, count, copy, *tables, *roots, b);
      if (f.power > 0) {
        f.store_powers(b, y + at, count);
      } else {
        const Lines<T> out{y, {2 * at}, 2 * f.frames, count, true};
        store_complex(out, f.bins, f.bins, b.re, b.im, f.scale, f.scale);
      }
    }
    places.release(place);
  });
}

}  // namespace

void stft(const Call& c) {
  if (c.out[0].numel == 0) return;
  switch (c.in[0].dtype) {
    case DType::f32: return short_transforms<float>(c);
    case DType::f64: return short_transforms<double>(c);
    default: fail(ErrorCode::unsupported, "stft: dtype %s is not supported on cpu", dtype_name(c.in[0].dtype));
  }
}

}  // namespace sinter::cpu::SINTER_ISA
