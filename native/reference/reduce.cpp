// Reference backend: reductions. The input is first taken apart into slices, one for each element of the result, in
// row-major order both among and within them; an operator is a function of one slice.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

template <class T>
using Slices = std::vector<std::vector<T>>;

// {axes} is a bit mask over the dimensions of x.
template <class T>
Slices<T> slices_of(const TensorRef& x, int64_t axes) {
  std::vector<T> values = read<T>(x);
  int64_t count = 1;
  for (int d = 0; d < x.rank; d++) count *= axes >> d & 1 ? 1 : x.dims[d];
  Slices<T> slices(count);
  for (int64_t k = 0; k < x.numel; k++) {
    // The index of element k in the remaining dimensions, from the innermost outward.
    int64_t rest = k, slice = 0, stride = 1;
    for (int d = x.rank - 1; d >= 0; d--) {
      int64_t index = rest % x.dims[d];
      rest /= x.dims[d];
      if (axes >> d & 1) continue;
      slice += index * stride;
      stride *= x.dims[d];
    }
    slices[slice].push_back(values[k]);
  }
  return slices;
}

// y = f(slice), the slices as vectors of T.
template <class T, class F>
void reduce_as(const Call& c, F f) {
  Slices<T> slices = slices_of<T>(c.in[0], c.int_attr(0));
  std::vector<decltype(f(slices[0]))> y;
  for (const std::vector<T>& slice : slices) y.push_back(f(slice));
  write(c.out[0], y);
}

template <class T>
Accumulator<T> total_of(const std::vector<T>& slice) {
  Accumulator<T> total = 0;
  for (T x : slice) total = plus(total, static_cast<Accumulator<T>>(x));
  return total;
}

void refuse_empty(const char* op, size_t length) {
  if (length == 0) fail(ErrorCode::unsupported, "%s: the reduced dimensions are empty and there is no identity", op);
}

// The position of the first x that no other beats; the first NaN beats everything.
template <class T, class Beats>
int64_t position_of_best(const std::vector<T>& slice, Beats beats) {
  size_t best = 0;
  for (size_t i = 0; i < slice.size(); i++) {
    if (slice[i] != slice[i]) return static_cast<int64_t>(i);
    if (beats(slice[i], slice[best])) best = i;
  }
  return static_cast<int64_t>(best);
}

template <class Beats>
void best_value(const char* op, const Call& c, Beats beats) {
  with_element_type(c.in[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    reduce_as<T>(c, [&](const std::vector<T>& slice) {
      refuse_empty(op, slice.size());
      return slice[position_of_best(slice, beats)];
    });
  });
}

template <class Beats>
void best_position(const char* op, const Call& c, Beats beats) {
  with_element_type(c.in[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    reduce_as<T>(c, [&](const std::vector<T>& slice) {
      refuse_empty(op, slice.size());
      return position_of_best(slice, beats);
    });
  });
}

constexpr auto kGreater = [](auto a, auto b) { return a > b; };
constexpr auto kLess = [](auto a, auto b) { return a < b; };

}  // namespace

void sum(const Call& c) {
  with_element_type(c.in[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    reduce_as<T>(c, [](const std::vector<T>& slice) { return static_cast<T>(total_of(slice)); });
  });
}

void mean(const Call& c) {
  reduce_as<double>(c, [](const std::vector<double>& slice) {
    return static_cast<double>(total_of(slice) / static_cast<long double>(slice.size()));
  });
}

void prod(const Call& c) {
  with_element_type(c.in[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    reduce_as<T>(c, [](const std::vector<T>& slice) {
      Accumulator<T> product = 1;
      for (T x : slice) product = times(product, static_cast<Accumulator<T>>(x));
      return static_cast<T>(product);
    });
  });
}

void amax(const Call& c) { best_value("amax", c, kGreater); }
void amin(const Call& c) { best_value("amin", c, kLess); }
void argmax(const Call& c) { best_position("argmax", c, kGreater); }
void argmin(const Call& c) { best_position("argmin", c, kLess); }

void any(const Call& c) {
  reduce_as<double>(c, [](const std::vector<double>& slice) {
    return std::any_of(slice.begin(), slice.end(), [](double x) { return x != 0; }) ? 1.0 : 0.0;
  });
}

void all(const Call& c) {
  reduce_as<double>(c, [](const std::vector<double>& slice) {
    return std::all_of(slice.begin(), slice.end(), [](double x) { return x != 0; }) ? 1.0 : 0.0;
  });
}

// Divides by n - correction, by 0 where that is negative.
void variance(const Call& c) {
  long double correction = c.attr[1];
  reduce_as<double>(c, [=](const std::vector<double>& slice) {
    long double n = static_cast<long double>(slice.size());
    long double center = total_of(slice) / n, squares = 0;
    for (double x : slice) squares += (x - center) * (x - center);
    return static_cast<double>(squares / std::max(n - correction, 0.0L));
  });
}

void logsumexp(const Call& c) {
  reduce_as<double>(c, [](const std::vector<double>& slice) {
    double shift = slice.empty() ? -kInfinity : slice[position_of_best(slice, kGreater)];
    if (std::isinf(shift)) shift = 0;
    long double total = 0;
    for (double x : slice) total += std::exp(x - shift);
    return static_cast<double>(shift + std::log(total));
  });
}

void nansum(const Call& c) {
  reduce_as<double>(c, [](const std::vector<double>& slice) {
    long double total = 0;
    for (double x : slice) total += std::isnan(x) ? 0 : x;
    return static_cast<double>(total);
  });
}

void countNonzero(const Call& c) {
  with_element_type(c.in[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    reduce_as<T>(c, [](const std::vector<T>& slice) {
      return static_cast<int64_t>(std::count_if(slice.begin(), slice.end(), [](T x) { return x != 0; }));
    });
  });
}

// (sum |x|^p)^(1/p) and its limits.
void vectorNorm(const Call& c) {
  double p = c.attr[1];
  reduce_as<double>(c, [=](const std::vector<double>& slice) {
    long double total = p == -kInfinity ? kInfinity : 0.0L;
    for (long double x : slice) {
      x = std::fabs(x);
      if (p == 0) {
        total += x != 0;
      } else if (std::isinf(p)) {
        bool further = p > 0 ? x > total : x < total;
        if (!std::isnan(total) && (further || std::isnan(x))) total = x;
      } else {
        total += std::pow(x, static_cast<long double>(p));
      }
    }
    bool finite = p != 0 && !std::isinf(p);
    return static_cast<double>(finite ? std::pow(total, 1 / static_cast<long double>(p)) : total);
  });
}

}  // namespace sinter::reference
