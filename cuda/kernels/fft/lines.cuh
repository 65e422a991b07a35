// fft_lines: the one kernel of all Fourier transforms, for f32 or f64. Place in the whole: template of fft_lines.cu and fft_lines_f64.cu;
// what a pass is, is said in fft.h.
//
// A block takes a few lines through Stockham's algorithm between two halves of shared memory: every stage of radix r reads elements that
// lie n / r apart, turns them by roots, transforms the r of them in registers, and writes them where the next stage has its own order, so
// that no reordering is ever needed. Lines are loaded and stored in whichever order lets neighbouring threads meet neighbouring addresses.
#pragma once
#include "cuda/kernels/fft/butterfly.cuh"
#include "cuda/kernels/fft/fft.h"
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/math.cuh"

namespace sinter::cuda {

// Where a line begins: fft.h.
struct FftStart {
  int64_t in, at_in, start, out, at_out, turn;
};

SINTER_DEVICE int64_t weighted(const int64_t (&weights)[kFftDims], const int64_t (&index)[kFftDims]) {
  return weights[0] * index[0] + weights[1] * index[1] + weights[2] * index[2] + weights[3] * index[3];
}

template <class Z>
struct FftLines {
  using C = PartOf<Z>;
  static constexpr bool kWide = sizeof(C) == 8;

  const FftPass& p;
  const FftStart* starts;  // in shared memory
  int here;                // lines of this block

  static SINTER_DEVICE int padded(int i) { return i + (i >> kFftPadBits<kWide>); }
  static SINTER_DEVICE Z entry(const void* table, int64_t i) {
    return load_pack_constant<1>(static_cast<const Z*>(table) + i).at[0];
  }
  static SINTER_DEVICE C real(const void* x, int64_t i) { return static_cast<const C*>(x)[i]; }
  static SINTER_DEVICE Z complex(const void* x, int64_t i) { return load_pack<1>(static_cast<const Z*>(x) + i).at[0]; }

  // f(start, line in shared memory, row) for all of the block. A thread has one line: neighbouring threads have neighbouring rows, or lines
  // where `across`.
  template <class F>
  SINTER_DEVICE void each(Z* memory, int rows, bool across, F f) const {
    const int thread = static_cast<int>(threadIdx.x), step = kFftThreads >> p.line_bits;
    const int line = across ? thread & (p.lines_a_block - 1) : thread >> (kFftThreadBits - p.line_bits);
    if (line >= here) return;
    const FftStart start = starts[line];
    Z* own = memory + line * p.pitch;
#pragma unroll 2
    for (int row = across ? thread >> p.line_bits : thread & (step - 1); row < rows; row += step) f(start, own, row);
  }

  // ---- loading

  // Element k <= whole / 2 of something Hermitian.
  SINTER_DEVICE Z half_element(const FftStart& at, int64_t k) const {
    const FftSource& s = p.from;
    if (k >= s.count) return {C(0), C(0)};
    Z z = complex(s.x, at.in + k * s.stride);
    const bool twofold = k > 0 && 2 * k < s.whole;
    const C weight = twofold ? static_cast<C>(s.weight) : C(1);
    z.re *= weight;
    z.im = twofold ? z.im * weight * static_cast<C>(s.sign) : C(0);
    return z;
  }
  // Element j of a frame, times the window.
  SINTER_DEVICE C frame_element(const FftStart& at, int64_t j) const {
    const FftSource& s = p.from;
    int64_t i = at.start - s.pad + j;
    if (i < 0 || i >= s.signal) {
      switch (s.beyond) {
        case kReflected: i = i < 0 ? -i : 2 * (s.signal - 1) - i; break;
        case kLastBeyond: i = i < 0 ? 0 : s.signal - 1; break;
        case kCircular: i = i < 0 ? i + s.signal : i - s.signal; break;
        default: return C(0);
      }
    }
    const C x = real(s.x, at.in + i);
    return s.window ? x * __ldg(static_cast<const C*>(s.window) + j) : x;
  }
  SINTER_DEVICE C real_element(const FftStart& at, int64_t j) const {
    return j < p.from.count ? real(p.from.x, at.in + j * p.from.stride) : C(0);
  }
  template <int kKind>
  SINTER_DEVICE Z element(const FftStart& at, int64_t j) const {
    const FftSource& s = p.from;
    if constexpr (kKind == kFromComplex) {
      return j < s.count ? complex(s.x, at.in + j * s.stride) : Z{C(0), C(0)};
    } else if constexpr (kKind == kFromReal) {
      return {real_element(at, j), C(0)};
    } else if constexpr (kKind == kFromPairs) {
      const C* x = static_cast<const C*>(s.x) + at.in + 2 * j;
      if (s.stride == 1 && 2 * j + 1 < s.count && reinterpret_cast<uintptr_t>(x) % sizeof(Z) == 0)
        return load_pack<1>(reinterpret_cast<const Z*>(x)).at[0];
      return {real_element(at, 2 * j), real_element(at, 2 * j + 1)};
    } else if constexpr (kKind == kFromHalf) {
      if (2 * j <= s.whole) return half_element(at, j);
      const Z z = half_element(at, s.whole - j);
      return {z.re, -z.im};
    } else if constexpr (kKind == kFromPackedHalf) {
      // 2 Z_j from X_j and X_h-j: see native/cpu/fft/real.h.
      const Z x = half_element(at, j), c = half_element(at, s.whole / 2 - j), w = entry(s.roots, j);
      const C re = x.re - c.re, im = x.im + c.im;
      return {x.re + c.re + re * w.im - im * w.re, x.im - c.im + re * w.re + im * w.im};
    } else if constexpr (kKind == kFromFrames) {
      return {frame_element(at, j), C(0)};
    } else {
      return {frame_element(at, 2 * j), frame_element(at, 2 * j + 1)};
    }
  }
  template <int kKind>
  SINTER_DEVICE void load_as(Z* to) const {
    const FftSource& s = p.from;
    each(to, p.n, s.across != 0, [&](const FftStart& at, Z* own, int row) {
      const int64_t j = at.at_in + row * s.step;
      Z z = {C(0), C(0)};
      if (j < s.length) {
        z = element<kKind>(at, j);
        if (s.swapped) z = exchanged(z);
        if (s.factor) z = times(z, entry(s.factor, j));
      }
      own[padded(row)] = z;
    });
  }
  SINTER_DEVICE void load(Z* to) const {
    switch (p.from.kind) {
      case kFromComplex: return load_as<kFromComplex>(to);
      case kFromReal: return load_as<kFromReal>(to);
      case kFromPairs: return load_as<kFromPairs>(to);
      case kFromHalf: return load_as<kFromHalf>(to);
      case kFromPackedHalf: return load_as<kFromPackedHalf>(to);
      case kFromFrames: return load_as<kFromFrames>(to);
      default: return load_as<kFromFramePairs>(to);
    }
  }

  // ---- transforming

  template <int kRadix>
  SINTER_DEVICE void stage_of(const FftStage& s, const Z* from, Z* to) const {
    const int apart = p.n / kRadix, thread = static_cast<int>(threadIdx.x), step = kFftThreads >> p.line_bits;
    const int line = thread >> (kFftThreadBits - p.line_bits);
    if (line >= here) return;
    from += line * p.pitch;
    to += line * p.pitch;
#pragma unroll 1
    for (int j = thread & (step - 1); j < apart; j += step) {
      const int group = static_cast<int>(divide(j, s.by_before)), k = j - group * s.before;
      Z z[kRadix];
#pragma unroll
      for (int u = 0; u < kRadix; u++) z[u] = from[padded(j + u * apart)];
      if (s.before > 1) {
#pragma unroll
        for (int u = 1; u < kRadix; u++) z[u] = times(z[u], entry(p.stage_roots, u * s.before - 1 + k));
      }
      transform_few(z);
      const int first = group * s.before * kRadix + k;
#pragma unroll
      for (int u = 0; u < kRadix; u++) to[padded(first + u * s.before)] = z[u];
    }
  }
  SINTER_DEVICE void stage(const FftStage& s, const Z* from, Z* to) const {
    switch (s.radix) {
      case 2: return stage_of<2>(s, from, to);
      case 3: return stage_of<3>(s, from, to);
      case 4: return stage_of<4>(s, from, to);
      case 5: return stage_of<5>(s, from, to);
      case 7: return stage_of<7>(s, from, to);
      case 8: return stage_of<8>(s, from, to);
      case 11: return stage_of<11>(s, from, to);
      default: return stage_of<13>(s, from, to);
    }
  }
  // The lines in `from`, which a barrier is behind; they end where `from` points afterwards, behind a barrier too.
  SINTER_DEVICE void transform(Z*& from, Z*& to) const {
    const int rounds = p.middle ? 2 : 1;
#pragma unroll 1
    for (int round = 0; round < rounds; round++) {
      if (round == 1) {
        each(from, p.n, false, [&](const FftStart&, Z* own, int row) {
          Z& z = own[padded(row)];
          z = exchanged(times(z, entry(p.middle, row)));
        });
        __syncthreads();
      }
#pragma unroll 1
      for (int s = 0; s < p.stage_count; s++) {
        stage(p.stages[s], from, to);
        __syncthreads();
        Z* const other = from;
        from = to;
        to = other;
      }
    }
  }

  // ---- storing

  SINTER_DEVICE Z root_of(uint64_t turns) const {
    const FftTarget& t = p.to;
    return times(entry(t.fine, turns & ((uint64_t{1} << t.fine_bits) - 1)), entry(t.coarse, turns >> t.fine_bits));
  }
  // Element k of the result, which lies at `at`.
  SINTER_DEVICE void put(int64_t at, int64_t k, Z z, Z scale, C weight) const {
    const FftTarget& t = p.to;
    z = {z.re * scale.re, z.im * scale.im};
    if (weight != C(1) && k > 0 && 2 * k < t.whole) z = {z.re * weight, z.im * weight};
    if (t.power > 0) {
      C square = z.re * z.re + z.im * z.im;
      if (t.power == 1)
        square = sqrt_of(square);
      else if (t.power != 2)
        square = pow_of(square, static_cast<C>(t.power / 2));
      static_cast<C*>(t.y)[at] = square;
    } else {
      Pack<Z, 1> pack;
      pack.at[0] = z;
      store_pack(static_cast<Z*>(t.y) + at, pack);
    }
  }
  template <int kKind>
  SINTER_DEVICE void store_as(Z* from) const {
    const FftTarget& t = p.to;
    const Z scale = {static_cast<C>(t.scale), static_cast<C>(t.scale_im)};
    const C weight = static_cast<C>(t.weight);
    each(from, p.rows_out, t.across != 0, [&](const FftStart& start, const Z* own, int row) {
      const int64_t k = start.at_out + row * t.step, at = start.out + row * t.stride;
      if (k >= t.kept) return;
      const auto result = [&](int place, int64_t number) {
        Z z = own[padded(place)];
        if (t.swapped_first) z = exchanged(z);
        if (t.factor) z = times(z, entry(t.factor, number));
        return t.swapped ? exchanged(z) : z;
      };
      if constexpr (kKind == kToHalf) {
        // X_k from Z_k and Z_h-k: see native/cpu/fft/real.h. A block has all of the line.
        const int here_k = row == t.half ? 0 : row, other = row == 0 ? 0 : t.half - row;
        const Z z = result(here_k, here_k), c = result(other, other), w = entry(t.roots, row);
        const C even_re = (z.re + c.re) * C(0.5), even_im = (z.im - c.im) * C(0.5), odd_re = (z.im + c.im) * C(0.5),
                odd_im = (c.re - z.re) * C(0.5);
        put(at, k, {even_re + odd_re * w.re - odd_im * w.im, even_im + odd_re * w.im + odd_im * w.re}, scale, weight);
      } else {
        Z z = result(row, k);
        if constexpr (kKind == kToComplex) {
          if (t.fine) z = times(z, root_of(static_cast<uint64_t>(start.turn) * static_cast<uint64_t>(row)));
          put(at, k, z, scale, weight);
        } else if constexpr (kKind == kToReal) {
          static_cast<C*>(t.y)[at] = z.re * scale.re;
        } else {
          // Elements 2 k and 2 k + 1, of which `whole` are kept.
          C* y = static_cast<C*>(t.y) + start.out + 2 * row * t.stride;
          const bool both = 2 * k + 1 < t.whole;
          z = {z.re * scale.re, z.im * scale.re};
          if (both && t.pair == 1 && reinterpret_cast<uintptr_t>(y) % sizeof(Z) == 0) {
            Pack<Z, 1> pack;
            pack.at[0] = z;
            store_pack(reinterpret_cast<Z*>(y), pack);
          } else {
            y[0] = z.re;
            if (both) y[t.pair] = z.im;
          }
        }
      }
    });
  }

  SINTER_DEVICE void store(Z* from) const {
    switch (p.to.kind) {
      case kToComplex: return store_as<kToComplex>(from);
      case kToReal: return store_as<kToReal>(from);
      case kToPairs: return store_as<kToPairs>(from);
      default: return store_as<kToHalf>(from);
    }
  }
};

template <class Z>
SINTER_DEVICE void fft_lines(const FftPass& p, FftStart* starts, Z* memory) {
  const int64_t first = static_cast<int64_t>(blockIdx.x) * p.lines_a_block;
  const int here = static_cast<int>(min(static_cast<int64_t>(p.lines_a_block), p.lines - first));
  if (threadIdx.x < here) {
    int64_t index[kFftDims], rest = first + threadIdx.x;
#pragma unroll
    for (int d = kFftDims - 1; d > 0; d--) {
      const int64_t outer = quotient(rest, p.dims[d - 1]);
      index[d] = rest - outer * p.dims[d - 1].size;
      rest = outer;
    }
    index[0] = rest;
    starts[threadIdx.x] = {weighted(p.from.base, index), weighted(p.from.index, index), weighted(p.from.start, index),
                           weighted(p.to.base, index),   weighted(p.to.index, index),   weighted(p.to.turn, index)};
  }
  __syncthreads();
  const FftLines<Z> lines{p, starts, here};
  Z *from = memory, *to = memory + p.lines_a_block * p.pitch;
  lines.load(from);
  __syncthreads();
  lines.transform(from, to);
  lines.store(from);
}

}  // namespace sinter::cuda
