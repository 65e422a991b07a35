// embeddingBackward: gweight[r] = sum of the rows of g whose index is r. Place in the whole: kernel of native/ops.def,
// compiled once per instruction set.
//   g (..., n), indices (...) i64 or i32 -> gweight (rows, n) {paddingIdx}; f32 f64 bf16 f16, sums in the compute type.
// The positions are sorted by row (stable counting sort); ranges then own rows of the result, which is written once,
// and add in the order of the positions.
#include "cpu/embed/index.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// NV vectors of columns of one row: the sum over its positions, in groups, so that a frequent row keeps its digits.
template <class T, int NV, class P>
SINTER_INLINE void sum_columns(P part, const T* g, int64_t n, const int64_t* positions, int64_t count, T* out) {
  using C = Compute<T>;
  Vec<C> total[NV] = {};
  for (int64_t at = 0; at < count; at += 64) {
    Vec<C> recent[NV] = {};
    for (int64_t i = at; i < std::min(count, at + 64); i++)
      for (int j = 0; j < NV; j++) recent[j] += get(part, g + positions[i] * n + j * kStep<T>);
    for (int j = 0; j < NV; j++) total[j] += recent[j];
  }
  for (int j = 0; j < NV; j++) put(part, out + j * kStep<T>, total[j]);
}

// Columns [begin, end) of one row.
template <class T>
void sum_row(const T* g, int64_t n, const int64_t* positions, int64_t count, T* out, int64_t begin, int64_t end,
             bool stream) {
  constexpr int64_t L = kStep<T>;
  if (count <= 1) {
    const T* source = count == 1 ? g + positions[0] * n + begin : nullptr;
    write_row(out + begin, end - begin, stream,
              [&](int64_t j, auto part) { return source ? get(part, source + j) : Vec<Compute<T>>{}; });
    return;
  }
  int64_t j = begin;
  for (; j + 4 * L <= end; j += 4 * L) sum_columns<T, 4>(Whole{}, g + j, n, positions, count, out + j);
  for (; j + L <= end; j += L) sum_columns<T, 1>(Whole{}, g + j, n, positions, count, out + j);
  if (j < end) sum_columns<T, 1>(Part{static_cast<int>(end - j)}, g + j, n, positions, count, out + j);
}

template <class T, class I>
void embedding_backward(const Call& c) {
  const T* g = c.in[0].as<T>();
  const I* indices = c.in[1].as<I>();
  T* gw = c.out[0].as<T>();
  const int64_t count = c.in[1].numel, rows = c.out[0].dims[0], n = c.out[0].dims[1], padding = c.int_attr(0);

  // The positions of row r end at ends[r] and begin at ends[r - 1]. ends[r] is first the row's count, then its
  // beginning, and reaches its end as the positions are filled in.
  int64_t *ends = c.scratch_of<int64_t>(rows + 1) + 1, *positions = c.scratch_of<int64_t>(count);
  std::memset(ends - 1, 0, static_cast<size_t>(rows + 1) * sizeof(int64_t));
  FirstBad bad;
  for (int64_t i = 0; i < count; i++) {
    if (!in_range(indices[i], rows))
      bad.note(i);
    else if (indices[i] != padding)
      ends[indices[i]]++;
  }
  bad.check("embeddingBackward", indices, rows);
  for (int64_t r = 0, at = 0; r < rows; r++) at += std::exchange(ends[r], at);
  for (int64_t i = 0; i < count; i++)
    if (indices[i] != padding) positions[ends[indices[i]]++] = i;

  const bool stream = streams(gw, rows * n);
  // Few rows (positions, token types) are also split by columns.
  const int64_t width = rows >= 64 ? std::max<int64_t>(n, 1) : 64, splits = (n + width - 1) / width;
  const int64_t cost = width * (1 + count / std::max<int64_t>(rows, 1));
  parallel_for(rows * splits, grain_of(cost), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t r = i / splits, first = i % splits * width;
      sum_row(g, n, positions + ends[r - 1], ends[r] - ends[r - 1], gw + r * n, first, std::min(n, first + width),
              stream);
    }
    end_streaming(stream);
  });
}

}  // namespace

void embeddingBackward(const Call& c) {
  with_floating(c.in[0].dtype, "embeddingBackward", [&](auto t) {
    with_index(c.in[1].dtype, "embeddingBackward", [&](auto i) { embedding_backward<decltype(t), decltype(i)>(c); });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
