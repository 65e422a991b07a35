// adafactorStep. Place in the whole: host side of adafactor.cu.
#include "cuda/kernels/optim/adafactor.h"

#include "cuda/kernels/index/launch.h"
#include "cuda/kernels/optim/launch.h"

namespace sinter::cuda {

extern const Image image_adafactor, image_late;

namespace {

SINTER_CUDA_STEP(sum_columns_kernels, image_adafactor, "adafactor_sum_columns")
SINTER_CUDA_STEP(rows_kernels, image_adafactor, "adafactor_rows")
SINTER_CUDA_STEP(squares_kernels, image_adafactor, "adafactor_squares")
SINTER_CUDA_STEP(apply_kernels, image_adafactor, "adafactor_apply")
constinit Kernel columns_kernels[] = {{image_adafactor, "adafactor_columns_f32"},
                                      {image_adafactor, "adafactor_columns_f64"},
                                      {image_adafactor, "adafactor_columns_bf16"},
                                      {image_adafactor, "adafactor_columns_f16"}};
constinit Kernel factors_kernels[] = {{image_adafactor, "adafactor_factors_f32"},
                                      {image_adafactor, "adafactor_factors_f64"},
                                      {image_adafactor, "adafactor_factors_bf16"},
                                      {image_adafactor, "adafactor_factors_f16"}};
constinit Kernel rates_kernel{image_adafactor, "adafactor_rates"};
constinit Kernel count{image_late, "count_adafactor"};

using Entry = FactoredTensors::Entry;

int64_t matrices_of(const Entry& t) { return t.numel / (t.height.size * t.width.size); }

// The command's groups as entries, with memory for what passes hand on.
Entry* make_entries(const Call& call, int groups) {
  Entry* entries = static_cast<Entry*>(call.host_scratch(static_cast<size_t>(groups) * sizeof(Entry)));
  int64_t element = 0;
  for (int i = 0; i < groups; i++) {
    const TensorRef *t = call.in + i * kFactorOperands, &p = t[kParameter];
    const bool vector = t[kVariance].present();
    Entry& e = entries[i] = Entry{};
    e.numel = p.numel;
    e.element = element;
    element += p.numel;
    e.share = p.numel > 0 ? 1 / static_cast<double>(p.numel) : 0;
    for (int k = 0; k < kFactorOperands; k++) e.data[k] = t[k].data;
    const int64_t height = vector ? 1 : p.dim(-2), width = vector ? p.numel : p.dim(-1);
    e.height = split_of(height);
    e.width = split_of(width);
    e.tiles = split_of(pieces_of(width, kOptimThreads));
    e.parts = split_of(pieces_of(height, kFactorRows));
    if (vector || p.numel == 0) continue;
    const size_t size = p.dtype == DType::f64 ? 8 : 4;
    const int64_t matrices = matrices_of(e);
    e.data[kFactors] = call.scratch(static_cast<size_t>(matrices * height) * size);
    e.data[kColumnSums] = call.scratch(static_cast<size_t>(matrices * e.parts.size * width) * size);
  }
  return entries;
}

// One pass: needs(entry) blocks of it, of matrices alone or of all tensors.
template <class Needs, class Go>
void each_pass(const Entry* entries, int groups, bool vectors, Needs needs, Go go) {
  int first = 0;
  each_table<FactoredTensors>(
      groups,
      [&](int i, Entry& entry, int64_t& blocks) {
        if (entries[i].numel == 0 || (!vectors && entries[i].data[kVariance])) return false;
        entry = entries[i];
        blocks = needs(entry);
        return true;
      },
      [&](FactoredTensors& tensors, int64_t blocks) {
        tensors.first = first;
        first += tensors.count;
        go(tensors, blocks);
      });
}

}  // namespace

SINTER_CUDA_LATE_OP(adafactorStep) {
  if (call.nin == 0) return;
  const int dtypes = step_kernel(call, "adafactorStep", kFactorOperands, 3), dtype = static_cast<int>(call.in[0].dtype);
  const Adafactor rule = Adafactor::of(call.attr);
  const LateStep late = late_step(call, &count);
  const Rounding rounding = rounding_of(call);
  const int groups = call.nin / kFactorOperands;
  const Entry* entries = make_entries(call, groups);
  const auto pass = [&](const Kernel& kernel, bool vectors, auto needs, auto... args) {
    each_pass(entries, groups, vectors, needs, [&](const FactoredTensors& tensors, int64_t blocks) {
      launch(call, kernel, Dim(blocks), Dim(kOptimThreads), 0, tensors, late, args...);
    });
  };
  const auto pieces = [](const Entry& t) { return pieces_of(t.numel); };

  pass(sum_columns_kernels[dtypes], false, [](const Entry& t) { return matrices_of(t) * t.parts.size * t.tiles.size; });
  pass(
      columns_kernels[dtype], false,
      [](const Entry& t) { return pieces_of(matrices_of(t) * t.width.size, kOptimThreads); }, rule);
  pass(
      rows_kernels[dtypes], false,
      [](const Entry& t) { return pieces_of(matrices_of(t) * t.height.size, kFactorWarps); }, rule);
  pass(factors_kernels[dtype], false, matrices_of, rule);

  int64_t count = 0;
  for (int i = 0; i < groups; i++) count += pieces(entries[i]);
  double *parts = call.scratch_of<double>(2 * count), *rates = call.scratch_of<double>(groups);
  pass(squares_kernels[dtypes], true, pieces, rule, parts);
  each_pass(entries, groups, true, pieces, [&](const FactoredTensors& tensors, int64_t blocks) {
    launch(call, rates_kernel, Dim(tensors.count), Dim(kOptimThreads), 0, tensors, late, rule, blocks, parts, rates);
  });
  pass(apply_kernels[dtypes], true, pieces, rule, rounding, rates);
}

}  // namespace sinter::cuda
