// What follows a normalisation in its own pass: a residual is added, then relu. Place in the whole: batch normalisation, whose
// result would otherwise be read and written once more for each.
#pragma once
#include "cpu/norm/row.h"
#include "cpu/simd/activation.h"

namespace sinter::cpu::SINTER_ISA {

template <class T, bool kResidual, bool kRelu>
struct Epilogue {
  const T* residual;

  // `at`: the place of v's first element in the whole result.
  template <class P>
  SINTER_INLINE Vec<Compute<T>> operator()(P part, Vec<Compute<T>> v, int64_t at) const {
    if constexpr (kResidual) v += get(part, residual + at);
    if constexpr (kRelu) v = vrelu(v);
    return v;
  }
};

// f(epilogue): a loop inside f has no branch on what is asked.
template <class T, class F>
void with_epilogue(const TensorRef& residual, bool relu, F f) {
  const T* r = residual.present() ? residual.as<T>() : nullptr;
  if (r && relu)
    f(Epilogue<T, true, true>{r});
  else if (r)
    f(Epilogue<T, true, false>{r});
  else if (relu)
    f(Epilogue<T, false, true>{r});
  else
    f(Epilogue<T, false, false>{r});
}

}  // namespace sinter::cpu::SINTER_ISA
