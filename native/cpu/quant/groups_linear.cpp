// weightOnlyLinear and weightOnlyLinearBackward: products of activations with a weight of groups. Place in the whole: kernels of
// native/ops.def, compiled once per instruction set; groups.h describes the weight.
//   x (m, in) f32 bf16, codes, scales, zeros?, bias? (out) -> y (m, out) {bits, group, activation, form}
//   g (m, out) f32 bf16, codes, scales, zeros? -> gx (m, in) {bits, group}
//
// Few rows go to groups_rows.cpp. For many, tasks decode slices of the weight into packed f32 panels that stay in L2 and multiply
// them by all rows of a block, as gemm.h does it: sums are f32, and an element's order of additions depends on the depth alone.
#include <algorithm>
#include <type_traits>

#include "cpu/gemm/pack.h"
#include "cpu/quant/groups.h"
#include "cpu/rounding.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kColumns = 128;   // of a task: a decoded slice of it takes 192 KB of L2
constexpr int64_t kRowBlock = 256;  // of a task: decoding a slice is then one part in a hundred
constexpr double kTaskFlops = 2e6;  // a task below this (some 20 us) is not cut further
constexpr int64_t kDepth = kKC;     // of a slice
static_assert(kPanelOutputs % kNR<float> == 0 && kNR<float> == 2 * kLanes<float>,
              "decode_panel writes panels of gemm.h");
static_assert(kDepth % 128 == 0, "a slice begins with a group");

// f32 rows of a matrix (m, n) of S, in place where it is f32.
template <class S>
const float* widened_rows(const Call& c, const S* x, int64_t m, int64_t n) {
  if constexpr (std::is_same_v<S, float>) {
    return x;
  } else {
    float* wide = c.scratch_of<float>(m * n);
    parallel_for(m * n, 64 << 10, [&](int64_t begin, int64_t end) {
      constexpr int lanes = kLanes<float>;
      int64_t i = begin;
      for (; i + lanes <= end; i += lanes) store(wide + i, load_f32(x + i));
      for (; i < end; i++) wide[i] = to_f32(x[i]);
    });
    return wide;
  }
}

// y (m, n) = a (m, k) B, B decoded by fill(j, columns, k0, depth, panels).
template <class S, class Fill>
void many_rows_product(const Call& c, int64_t m, int64_t n, int64_t k, const float* a, S* y,
                       const GroupEpilogue& epilogue, const Fill& fill) {
  constexpr bool native = std::is_same_v<S, float>;
  const int threads = pool_threads();
  int64_t columns = std::min(kColumns, round_up(n, kPanelOutputs));
  const int64_t rows = std::min(kRowBlock, m), row_blocks = ceil_div(m, rows);
  while (threads > 1 && columns > kPanelOutputs && row_blocks * ceil_div(n, columns) < 4 * threads &&
         2.0 * static_cast<double>(rows * k * columns) > 2 * kTaskFlops)
    columns = round_up(columns / 2, kPanelOutputs);
  const int64_t col_blocks = ceil_div(n, columns), tasks = row_blocks * col_blocks;
  // A region of memory for each range of tasks: its panels, and C where that is not f32.
  const int64_t grain = ceil_div(tasks, 8 * threads), panel_elements = std::min(kDepth, k) * columns;
  const int64_t region = panel_elements + (native ? 0 : rows * columns);
  float* memory = c.scratch_of<float>(std::max<int64_t>(1, ceil_div(tasks, grain) * region));
  parallel_for(tasks, grain, [&](int64_t begin, int64_t end) {
    float* panels = memory + begin / grain * region;
    for (int64_t t = begin; t < end; t++) {
      const int64_t i = t % row_blocks * rows, j = t / row_blocks * columns;
      const int64_t height = std::min(rows, m - i), width = std::min(columns, n - j);
      float* sums;
      int64_t ld;
      if constexpr (native) {
        sums = y + i * n + j;
        ld = n;
      } else {
        sums = panels + panel_elements;
        ld = columns;
      }
      for (int64_t k0 = 0; k0 == 0 || k0 < k; k0 += kDepth) {
        const int64_t depth = std::min(kDepth, k - k0);
        fill(j, width, k0, depth, panels);
        GemmBlock<float> block{};
        block.m = height;
        block.n = width;
        block.k = depth;
        block.a = a + i * k + k0;
        block.rsa = k;
        block.csa = 1;
        block.b = panels;
        block.panel_stride = depth * kNR<float>;
        block.c = sums;
        block.ldc = ld;
        block.accumulate = k0 > 0;
        gemm_block(block);
      }
      if (native && !epilogue.bias && epilogue.activation == Activation::none) continue;
      for (int64_t r = 0; r < height; r++) finish_row(sums + r * ld, width, epilogue, j, y + (i + r) * n + j);
    }
  });
}

template <class S>
void forward(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0], bias = c.opt(4);
  const int64_t m = y.dims[0];
  const GroupWeight w = read_groups(c, 1, y.dims[1], x.dims[1]);
  const GroupEpilogue epilogue{
      bias.present() ? widened_rows(c, bias.as<S>(), 1, w.out) : nullptr,
      static_cast<Activation>(c.int_attr(2)),
  };
  const auto by_decoding = [&](int64_t first, int64_t count) {
    const float* rows = widened_rows(c, x.as<S>() + first * w.in, count, w.in);
    const auto fill = [&](int64_t j, int64_t width, int64_t k0, int64_t depth, float* panels) {
      for (int64_t at = 0; at < width; at += kPanelOutputs)
        decode_panel(w, (j + at) / kPanelOutputs, k0, depth, panels + at * depth, depth * kNR<float>, kNR<float>);
    };
    many_rows_product(c, count, w.out, w.in, rows, y.as<S>() + first * w.out, epilogue, fill);
  };
  if (m > kFewRowsOfGroups) return by_decoding(0, m);
  const unsigned skipped = few_rows_product(c, w, x.as<S>(), m, y.as<S>(), epilogue, static_cast<int>(c.int_attr(3)));
  for (int64_t i = 0; i < m; i++)
    if (skipped >> i & 1u) by_decoding(i, 1);
}

// gx = g W: the weight's outputs are the depth, so a decoded block (inputs, 32 outputs) is turned around.
template <class S>
void backward(const Call& c) {
  const TensorRef &g = c.in[0], &gx = c.out[0];
  const int64_t m = g.dims[0];
  const GroupWeight w = read_groups(c, 1, g.dims[1], gx.dims[1]);
  const auto fill = [&](int64_t j, int64_t width, int64_t k0, int64_t depth, float* panels) {
    constexpr int64_t nr = kNR<float>;
    alignas(64) float block[kColumns * kPanelOutputs];
    for (int64_t at = 0; at < depth; at += kPanelOutputs) {
      decode_panel(w, (k0 + at) / kPanelOutputs, j, width, block, 2 * kLanes<float>, kPanelOutputs);
      const int64_t outputs = std::min<int64_t>(kPanelOutputs, depth - at);
      for (int64_t q = 0; q < width; q += nr)
        pack_panel(block + q * kPanelOutputs, 1, kPanelOutputs, outputs, static_cast<int>(std::min(nr, width - q)),
                   panels + q * depth + at * nr);
    }
  };
  many_rows_product(c, m, w.in, w.out, widened_rows(c, g.as<S>(), m, w.out), gx.as<S>(), {nullptr, Activation::none},
                    fill);
}

}  // namespace

template <class S>
void finish_row(const float* sums, int64_t n, const GroupEpilogue& epilogue, int64_t first, S* y) {
  constexpr int lanes = kLanes<float>;
  const float* bias = epilogue.bias ? epilogue.bias + first : nullptr;
  int64_t j = 0;
  for (; j + lanes <= n; j += lanes) {
    Vf v = load(sums + j);
    if (bias) v += load(bias + j);
    store_f32(y + j, activated(epilogue.activation, v));
  }
  if (j == n) return;
  const int rest = static_cast<int>(n - j);
  Vf v = load_n(sums + j, rest);
  if (bias) v += load_n(bias + j, rest);
  S tail[lanes];
  store_f32(tail, activated(epilogue.activation, v));
  for (int i = 0; i < rest; i++) y[j + i] = tail[i];
}
template void finish_row(const float*, int64_t, const GroupEpilogue&, int64_t, float*);
template void finish_row(const float*, int64_t, const GroupEpilogue&, int64_t, bf16*);

void weightOnlyLinear(const Call& c) {
  if (c.out[0].numel == 0) return;
  c.in[0].dtype == DType::bf16 ? forward<bf16>(c) : forward<float>(c);
}

void weightOnlyLinearBackward(const Call& c) {
  if (c.out[0].numel == 0) return;
  c.in[0].dtype == DType::bf16 ? backward<bf16>(c) : backward<float>(c);
}

}  // namespace sinter::cpu::SINTER_ISA
