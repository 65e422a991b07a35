// Reference backend: pooling over one to three spatial dimensions, the last ones of a tensor.
#include <array>
#include <limits>

#include "reference/elements.h"

namespace sinter::reference {
namespace {

using Triple = std::array<int64_t, 3>;

// The last r dimensions, with ones before them where there are fewer than three.
Triple spatial(const TensorRef& t, int r) {
  Triple sizes = {1, 1, 1};
  for (int i = 1; i <= r; i++) sizes[3 - i] = t.dim(-i);
  return sizes;
}

int64_t product(const Triple& sizes) { return sizes[0] * sizes[1] * sizes[2]; }

// What one result covers: [begin, end) along each axis in steps, some of it perhaps outside of the input.
struct Window {
  Triple begin, end, step = {1, 1, 1};
  double divisor = 1;

  // visit(element of the input's spatial dimensions) for all that lie inside.
  template <class Visit>
  void for_each(const Triple& in, Visit visit) const {
    for (int64_t z = begin[0]; z < end[0]; z += step[0]) {
      for (int64_t y = begin[1]; y < end[1]; y += step[1]) {
        for (int64_t x = begin[2]; x < end[2]; x += step[2]) {
          if (z < 0 || z >= in[0] || y < 0 || y >= in[1] || x < 0 || x >= in[2]) continue;
          visit((z * in[1] + y) * in[2] + x);
        }
      }
    }
  }
};

// visit(element of y, its plane, its place) for all results; `out` are y's spatial dimensions.
template <class Visit>
void for_each_result(const TensorRef& y, const Triple& out, Visit visit) {
  for (int64_t i = 0; i < y.numel; i++)
    visit(i, i / product(out), Triple{i / (out[1] * out[2]) % out[0], i / out[2] % out[1], i % out[2]});
}

// Attributes {kernel*r, stride*r, padding*r, dilation*r} of maxPool and, without dilation, avgPool.
struct Geometry {
  Triple kernel = {1, 1, 1}, stride = {1, 1, 1}, padding = {0, 0, 0}, dilation = {1, 1, 1};
  Geometry(const Call& c, int r, bool dilated) {
    for (int i = 0; i < r; i++) {
      kernel[3 - r + i] = c.int_attr(i);
      stride[3 - r + i] = c.int_attr(r + i);
      padding[3 - r + i] = c.int_attr(2 * r + i);
      if (dilated) dilation[3 - r + i] = c.int_attr(3 * r + i);
    }
  }
  Window window(const Triple& at) const {
    Window w;
    for (int d = 0; d < 3; d++) {
      w.begin[d] = at[d] * stride[d] - padding[d];
      w.end[d] = w.begin[d] + kernel[d] * dilation[d];
    }
    w.step = dilation;
    return w;
  }
};

// Padding counts in the divisor where count_include_pad is set, but not what lies beyond it, where a window that
// ceil_mode admitted hangs over.
struct Average {
  int r;
  Geometry geometry;
  Triple in;
  bool count_padding;
  double divisor;

  Average(const Call& c, const TensorRef& x)
      : r((c.nattr - 2) / 3), geometry(c, r, false), in(spatial(x, r)), count_padding(c.attr[c.nattr - 2] != 0),
        divisor(c.attr[c.nattr - 1]) {}

  Window window(const Triple& at) const {
    Window w = geometry.window(at);
    for (int d = 0; d < 3; d++) {
      int64_t padding = count_padding ? geometry.padding[d] : 0;
      w.begin[d] = std::max(w.begin[d], -padding), w.end[d] = std::min(w.end[d], in[d] + padding);
      w.divisor *= static_cast<double>(w.end[d] - w.begin[d]);
    }
    if (divisor != 0) w.divisor = divisor;
    return w;
  }
};

// i * size / windows rounded down to (i + 1) * size / windows rounded up.
Window adaptive_window(const Triple& in, const Triple& out, const Triple& at) {
  Window w;
  for (int d = 0; d < 3; d++) {
    w.begin[d] = at[d] * in[d] / out[d], w.end[d] = ((at[d] + 1) * in[d] + out[d] - 1) / out[d];
    w.divisor *= static_cast<double>(w.end[d] - w.begin[d]);
  }
  return w;
}

// window_at(place) gives the window.
template <class WindowAt>
void average(const TensorRef& x, const TensorRef& y, int r, WindowAt window_at) {
  Triple in = spatial(x, r);
  std::vector<double> xv = read(x), yv(y.numel);
  for_each_result(y, spatial(y, r), [&](int64_t i, int64_t plane, const Triple& at) {
    Window window = window_at(at);
    long double total = 0;
    window.for_each(in, [&](int64_t j) { total += xv[plane * product(in) + j]; });
    yv[i] = static_cast<double>(total / window.divisor);
  });
  write(y, yv);
}

template <class WindowAt>
void average_backward(const TensorRef& g, const TensorRef& gx, int r, WindowAt window_at) {
  Triple in = spatial(gx, r);
  std::vector<double> gv = read(g), sums(gx.numel, 0);
  for_each_result(g, spatial(g, r), [&](int64_t i, int64_t plane, const Triple& at) {
    Window window = window_at(at);
    window.for_each(in, [&](int64_t j) { sums[plane * product(in) + j] += gv[i] / window.divisor; });
  });
  write(gx, sums);
}

// The place of a window's first tap behind the leading padding, even where that is behind the image too.
int64_t first_inside(const Window& w, const Triple& in) {
  Triple at = w.begin;
  for (int d = 0; d < 3; d++)
    while (at[d] < 0) at[d] += w.step[d];
  return (at[0] * in[1] + at[1]) * in[2] + at[2];
}

double lowest(DType d) {
  switch (d) {
    case DType::i32: return std::numeric_limits<int32_t>::lowest();
    case DType::i64: return static_cast<double>(std::numeric_limits<int64_t>::lowest());
    case DType::i8: return std::numeric_limits<int8_t>::lowest();
    case DType::u8: return 0;
    default: return -std::numeric_limits<double>::infinity();
  }
}

// The first of equal values wins, and the last NaN over everything, as in PyTorch; so is what becomes of a window whose taps
// all lie in the padding. window_at(plane, place) gives the window.
template <class WindowAt>
void maximum(const Call& c, int r, WindowAt window_at) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  Triple in = spatial(x, r);
  std::vector<double> xv = read(x), yv(y.numel);
  std::vector<int64_t> indices(y.numel);
  for_each_result(y, spatial(y, r), [&](int64_t i, int64_t plane, const Triple& at) {
    const double* values = &xv[plane * product(in)];
    int64_t best = -1;
    Window window = window_at(plane, at);
    window.for_each(in, [&](int64_t j) {
      if (best < 0 || values[j] > values[best] || std::isnan(values[j])) best = j;
    });
    yv[i] = best < 0 ? lowest(x.dtype) : values[best];
    indices[i] = best < 0 ? first_inside(window, in) : best;
  });
  write(y, yv);
  if (c.out[1].numel > 0) write(c.out[1], indices);  // else nobody asks for them
}

// put(sum or value so far, value) at the indices.
template <class Put>
void scatter(const Call& c, const char* op, Put put) {
  const TensorRef &g = c.in[0], &gx = c.out[0];
  int r = static_cast<int>(c.int_attr(0));
  int64_t plane = product(spatial(gx, r)), results = product(spatial(g, r));
  std::vector<double> gv = read(g), values(gx.numel, 0);
  std::vector<int64_t> indices = read<int64_t>(c.in[1]);
  for (int64_t i = 0; i < g.numel; i++) {
    check_index(op, indices[i], plane);
    put(values[i / results * plane + indices[i]], gv[i]);
  }
  write(gx, values);
}

}  // namespace

void maxPool(const Call& c) {
  int r = c.nattr / 4;
  Geometry geometry(c, r, true);
  maximum(c, r, [&](int64_t, const Triple& at) { return geometry.window(at); });
}

void maxPoolBackward(const Call& c) {
  scatter(c, "maxPoolBackward", [](double& sum, double g) { sum += g; });
}

void maxUnpool(const Call& c) {
  scatter(c, "maxUnpool", [](double& value, double x) { value = x; });
}

void adaptiveMaxPool(const Call& c) {
  int r = static_cast<int>(c.int_attr(0));
  Triple in = spatial(c.in[0], r), out = spatial(c.out[0], r);
  maximum(c, r, [&](int64_t, const Triple& at) { return adaptive_window(in, out, at); });
}

void fractionalMaxPool(const Call& c) {
  int r = c.nattr;
  Triple in = spatial(c.in[0], r), out = spatial(c.out[0], r);
  std::vector<double> samples = read(c.in[1]);
  maximum(c, r, [&](int64_t plane, const Triple& at) {
    Window w{{0, 0, 0}, {1, 1, 1}};
    for (int i = 0; i < r; i++) {
      int d = 3 - r + i;
      int64_t kernel = c.int_attr(i), room = in[d] - kernel;
      double u = samples[plane * r + (r == 2 ? 1 - i : i)];
      double a = out[d] > 1 ? static_cast<double>(room) / static_cast<double>(out[d] - 1) : 0;
      int64_t begin = static_cast<int64_t>((at[d] + u) * a) - static_cast<int64_t>(u * a);
      w.begin[d] = at[d] == out[d] - 1 ? room : std::clamp<int64_t>(begin, 0, room);
      w.end[d] = w.begin[d] + kernel;
    }
    return w;
  });
}

void avgPool(const Call& c) {
  Average a(c, c.in[0]);
  average(c.in[0], c.out[0], a.r, [&](const Triple& at) { return a.window(at); });
}

void avgPoolBackward(const Call& c) {
  Average a(c, c.out[0]);
  average_backward(c.in[0], c.out[0], a.r, [&](const Triple& at) { return a.window(at); });
}

void adaptiveAvgPool2d(const Call& c) {
  Triple in = spatial(c.in[0], 2), out = spatial(c.out[0], 2);
  average(c.in[0], c.out[0], 2, [&](const Triple& at) { return adaptive_window(in, out, at); });
}

void adaptiveAvgPool2dBackward(const Call& c) {
  Triple in = spatial(c.out[0], 2), out = spatial(c.in[0], 2);
  average_backward(c.in[0], c.out[0], 2, [&](const Triple& at) { return adaptive_window(in, out, at); });
}

}  // namespace sinter::reference
