// Sparse products of a few columns, read at the speed of memory. Place in the whole: product.cpp's form for decoding.
//   y (m, n) = act(S D + bias), n small. CSR: a row is a dot product with scattered elements. 2:4: of every four columns
//   two are kept; a value's two bits of position choose one of four elements of D, which the instruction sets do for a
//   whole vector at once.
#include "cpu/sparse/direct.h"

#include "cpu/sparse/strip.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// Values in storage: f32, f64, bf16, f16 and i8.
typedef int8_t BytesOfVf __attribute__((vector_size(kVecBytes / 4)));
SINTER_INLINE Vf load_values(const int8_t* p) {
  BytesOfVf b;
  std::memcpy(&b, p, sizeof b);
  // The compiler's own conversion goes element by element.
#if defined(__AVX512F__)
  return __builtin_convertvector((Vi)_mm512_maskz_cvtepi8_epi32(0xffff, (__m128i)b), Vf);
#elif defined(__AVX2__)
  return __builtin_convertvector((Vi)_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(&b))), Vf);
#elif defined(__SSE4_1__)
  return __builtin_convertvector((Vi)_mm_cvtepi8_epi32(_mm_cvtsi32_si128((int)b)), Vf);
#else
  return __builtin_convertvector(b, Vf);
#endif
}
template <class V>
SINTER_INLINE Vf load_values(const V* p) {
  return load_f32(p);
}
SINTER_INLINE float value_of(int8_t x) { return x; }
template <class V>
SINTER_INLINE auto value_of(V x) {
  return to_compute(x);
}

// (n, k) in the compute type, whatever way D is stored.
template <class C>
C* columns_of(const Call& c, const SparseCall& s, int64_t padded) {
  C* x = c.scratch_of<C>(padded * s.n);
  for (int64_t j = 0; j < s.n; j++) {
    for (int64_t k = 0; k < s.cols; k++)
      x[j * padded + k] = static_cast<C>(read_any(s.dense, s.columns_first ? j * s.cols + k : k * s.n + j));
    for (int64_t k = s.cols; k < padded; k++) x[j * padded + k] = C(0);
  }
  return x;
}

template <class T>
struct DirectResult {
  using C = Compute<T>;
  T* y;
  int64_t rows, n;
  bool columns_first;
  const C *bias, *scales;

  template <Activation A>
  SINTER_INLINE void put(int64_t r, int64_t j, C sum) const {
    if (scales) sum *= scales[r];
    if (bias) sum += bias[r];
    y[columns_first ? j * rows + r : r * n + j] = from_compute<T>(activated<A>(splat<C>(sum))[0]);
  }
};

template <class T, class V>
void csr(const Call& c, const SparseCall& s, const DirectResult<T>& result) {
  using C = Compute<T>;
  const V* values = s.values.as<V>();
  const int32_t *pointers = s.pointers.as<int32_t>(), *columns = s.columns.as<int32_t>();
  const C* x = columns_of<C>(c, s, s.cols);
  with_activation(s.activation, [&](auto activation) {
    parallel_for(s.rows, grain_of(1 + s.n * s.columns.numel / s.rows), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++)
        for (int64_t j = 0; j < s.n; j++) {
          const C* xj = x + j * s.cols;
          C sum[4] = {};
          int64_t e = pointers[r];
          const int64_t last = pointers[r + 1];
          for (; e + 4 <= last; e += 4)
            for (int u = 0; u < 4; u++) sum[u] += static_cast<C>(value_of(values[e + u])) * xj[columns[e + u]];
          for (; e < last; e++) sum[0] += static_cast<C>(value_of(values[e])) * xj[columns[e]];
          result.template put<decltype(activation)::value>(r, j, (sum[0] + sum[1]) + (sum[2] + sum[3]));
        }
    });
  });
}

// ---- 2:4. Values in steps of a vector of floats: lane i of a step has the groups' pair i / 4, of which even lanes' pairs
// lie in `even`, odd ones in `odd`: lanes 4q, 4q + 1 choose from even[4q .. 4q + 3], lanes 4q + 2, 4q + 3 from odd's.
constexpr int kStepValues = kLanes<float>;
constexpr int kStepsAWord = 16 / kStepValues;  // a word has 16 positions

#if defined(__AVX2__)
template <int... I>
SINTER_INLINE Vf alternate(Vf even, Vf odd, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(even, odd, (I % 4 < 2 ? I : I + kStepValues)...);
}
SINTER_INLINE Vf chosen(const float* even, const float* odd, Vi positions) {
#if defined(__AVX512F__)
  const Vf e = (Vf)_mm512_maskz_permutevar_ps(0xffff, (__m512)load(even), (__m512i)positions);
  const Vf o = (Vf)_mm512_maskz_permutevar_ps(0xffff, (__m512)load(odd), (__m512i)positions);
#else
  const Vf e = (Vf)_mm256_permutevar_ps((__m256)load(even), (__m256i)positions);
  const Vf o = (Vf)_mm256_permutevar_ps((__m256)load(odd), (__m256i)positions);
#endif
  return alternate(e, o, std::make_integer_sequence<int, kStepValues>());
}
#else
SINTER_INLINE Vf chosen(const float* even, const float* odd, Vi positions) {
  Vf v;
  for (int i = 0; i < kStepValues; i++) v[i] = (i % 4 < 2 ? even : odd)[i / 4 * 4 + (positions[i] & 3)];
  return v;
}
#endif
// Two bits a lane, of step `at` of a word.
SINTER_INLINE Vi positions_of(uint32_t word, int at) {
  return (Vi)((Vu{} + word) >> (Vu)(iota<float>() * 2 + at * 2 * kStepValues));
}

// x (padded) into even and odd quadruples: for each step kStepValues of either.
template <class C>
void split_groups(C* x, int64_t padded) {
  C step[2 * kStepValues];
  for (int64_t at = 0; at < padded; at += 2 * kStepValues) {
    for (int i = 0; i < 2 * kStepValues; i++) step[i / 8 * 4 + i % 4 + (i / 4 % 2) * kStepValues] = x[at + i];
    std::memcpy(x + at, step, sizeof step);
  }
}

template <class T, class V>
struct TwoOfFour {
  const V* values;
  const uint32_t* words;
  int64_t width, row_words;  // values and words a row

  // Rows r .. r + R times one column.
  template <int R>
  SINTER_INLINE void dots(int64_t r, const float* x, float* sums) const {
    Vf sum[R][2] = {};
    const V* v[R];
    for (int i = 0; i < R; i++) v[i] = values + (r + i) * width;
    const uint32_t* w = words + r * row_words;
    int64_t at = 0, word = 0;
    for (; at + 16 <= width; at += 16, word++) {
      const float* steps = x + 2 * at;
#pragma GCC unroll 4
      for (int q = 0; q < kStepsAWord; q++) {
        const float* even = steps + q * 2 * kStepValues;
#pragma GCC unroll 4
        for (int i = 0; i < R; i++)
          sum[i][q % 2] += load_values(v[i] + at + q * kStepValues) *
                           chosen(even, even + kStepValues, positions_of(w[i * row_words + word], q));
      }
    }
    for (; at < width; at += kStepValues) {
      const float* even = x + 2 * at;
      const int live = static_cast<int>(std::min<int64_t>(kStepValues, width - at)), q = at / kStepValues % kStepsAWord;
      for (int i = 0; i < R; i++) {
        V part[kStepValues] = {};
        std::memcpy(part, v[i] + at, static_cast<size_t>(live) * sizeof(V));
        const Vf products =
            load_values(part) * chosen(even, even + kStepValues, positions_of(w[i * row_words + at / 16], q));
        // What lies beyond the row chooses something, and its product may be NaN.
        sum[i][0] += live < kStepValues ? only<float>(Part{live}, products) : products;
      }
    }
    for (int i = 0; i < R; i++) sums[i] = reduce_add<float>(sum[i][0] + sum[i][1]);
  }
  SINTER_INLINE double dot(int64_t r, const double* x) const {
    double sum = 0;
    for (int64_t i = 0; i < width; i++) {
      const uint32_t position = words[r * row_words + i / 16] >> (i % 16 * 2) & 3u;
      sum += static_cast<double>(value_of(values[r * width + i])) * x[i / 2 * 4 + position];
    }
    return sum;
  }
};

template <class T, class V>
void two_of_four(const Call& c, const SparseCall& s, const DirectResult<T>& result) {
  using C = Compute<T>;
  const int64_t groups = (s.cols + 3) / 4, padded = (s.cols + 31) / 32 * 32;
  C* x = columns_of<C>(c, s, padded);
  if constexpr (sizeof(C) == 4)
    for (int64_t j = 0; j < s.n; j++) split_groups(x + j * padded, padded);
  const TwoOfFour<T, V> matrix{s.values.as<V>(), s.columns.as<uint32_t>(), 2 * groups, (groups + 7) / 8};
  constexpr int R = 4;
  with_activation(s.activation, [&](auto activation) {
    constexpr Activation A = decltype(activation)::value;
    parallel_for((s.rows + R - 1) / R, grain_of(R * s.n * (1 + groups)), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin * R; r < std::min(end * R, s.rows); r += R)
        for (int64_t j = 0; j < s.n; j++) {
          const C* xj = x + j * padded;
          const int64_t count = std::min<int64_t>(R, s.rows - r);
          C sums[R];
          if constexpr (sizeof(C) == 8) {
            for (int64_t i = 0; i < count; i++) sums[i] = matrix.dot(r + i, xj);
          } else if (count == R) {
            matrix.template dots<R>(r, xj, sums);
          } else {
            for (int64_t i = 0; i < count; i++) matrix.template dots<1>(r + i, xj, sums + i);
          }
          for (int64_t i = 0; i < count; i++) result.template put<A>(r + i, j, sums[i]);
        }
    });
  });
}

template <class T, class V>
void direct(const Call& c, const SparseCall& s) {
  using C = Compute<T>;
  const DirectResult<T> result{c.out[0].as<T>(),          s.rows, s.n, s.columns_first, as_compute<C>(c, s.bias),
                               as_compute<C>(c, s.scales)};
  if (s.format == kCsr) return csr<T, V>(c, s, result);
  two_of_four<T, V>(c, s, result);
}

}  // namespace

void sparse_direct(const Call& c, const SparseCall& s) {
  if ((s.format != kCsr && s.format != kTwoOfFour) || s.transposed)
    fail(ErrorCode::internal, "sparseMatmul: format %d needs a plan", s.format);
  with_floating(s.dense.dtype, "sparseMatmul", [&](auto t) {
    using T = decltype(t);
    if (s.values.dtype == DType::i8) return direct<T, int8_t>(c, s);
    if (s.values.dtype == s.dense.dtype) return direct<T, T>(c, s);
    if constexpr (std::is_same_v<T, float>) {
      if (s.values.dtype == DType::bf16) return direct<T, bf16>(c, s);
      if (s.values.dtype == DType::f16) return direct<T, f16>(c, s);
    }
    fail(ErrorCode::unsupported, "sparseMatmul: values %s with a dense operand %s", dtype_name(s.values.dtype),
         dtype_name(s.dense.dtype));
  });
}

}  // namespace sinter::cpu::SINTER_ISA
