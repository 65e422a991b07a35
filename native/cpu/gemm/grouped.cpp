// groupedMatmul, expertMatmul, expertWeightGrad (native/ops.def). Place in the whole: their entries for every floating dtype, by the
// tasks of product.cpp; grouped.h has what they are made of.
#include "cpu/gemm/grouped.h"

#include "cpu/gemm/tasks.h"

namespace sinter::cpu::SINTER_ISA {

template <class S>
void run_group(const Call& call, const Product<S>* products, int64_t count) {
  using T = Compute<S>;
  constexpr bool native = sizeof(S) == sizeof(T);
  const Group g = cut_group(call, products, count, l2_columns<T>(), kNR<T>);
  Plan plan{};
  plan.source = Source::own;
  plan.row_block = Group::kRows;
  plan.col_block = g.col_block;
  plan.tile_elements = native ? 0 : Group::kRows * g.col_block;
  plan.region = round_up(plan.tile_elements + std::clamp<int64_t>(g.depth, 1, kSlice<T>) * g.col_block,
                         64 / static_cast<int64_t>(sizeof(T)));
  for_each_task<T>(call, g, plan.region, [&](int64_t i, int64_t row, int64_t col, T* region) {
    Plan own = plan;
    own.slices = slices_of<T>(products[i].k);
    run_own_task(products[i], own, 0, row, col, region);
  });
}

namespace {

#define SINTER_FLOATING(call, name, f)                                                                                 \
  switch ((call).out[0].dtype) {                                                                                       \
    case DType::f32: return f<float>(call);                                                                            \
    case DType::f64: return f<double>(call);                                                                           \
    case DType::bf16: return f<bf16>(call);                                                                            \
    case DType::f16: return f<f16>(call);                                                                              \
    default: fail(ErrorCode::unsupported, name ": dtype %s is not supported on cpu", dtype_name((call).out[0].dtype)); \
  }

}  // namespace

void groupedMatmul(const Call& c) { SINTER_FLOATING(c, "groupedMatmul", lists) }
void expertMatmul(const Call& c) { SINTER_FLOATING(c, "expertMatmul", experts) }
void expertWeightGrad(const Call& c) { SINTER_FLOATING(c, "expertWeightGrad", weight_gradient) }

}  // namespace sinter::cpu::SINTER_ISA
