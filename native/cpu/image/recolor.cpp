// recolor: a chain of colour adjustments in one pass over the pixels. Place in the whole: kernel of native/ops.def, compiled once per
// instruction set.
//   x (n, c, h, w), c 1 or 3, factors (n, steps) -> y (n, c or 1, h, w), u8 f32 f64 bf16 f16
//   {step, ...}: Step below, each with its factor for every image
// A contrast step needs the mean of what comes before it: one more reading each, whose sums are taken in blocks of fixed size.
// Bytes are rounded down after every step, as if each were an image of its own. Definitions: torchvision.transforms.v2.functional.
#include "cpu/image/pixels.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

enum Step : int { kBrightness, kContrast, kSaturation, kHue, kToHsv, kFromHsv, kGray };
constexpr int kMaxSteps = 16;
constexpr int64_t kPixelBlock = 8192;

// What a byte holds after a step. In exact arithmetic many results are whole numbers, which a rounding error must not take to the
// one below: a share of a level that no eye sees counts as reached.
SINTER_INLINE Vf whole_below(Vf v) { return vfloor_small(v + 0x1p-12f); }

template <class V>
struct Rgb {
  V r, g, b;
};

template <class V>
SINTER_INLINE V gray_of(const Rgb<V>& x) {
  using C = std::remove_reference_t<decltype(x.r[0])>;
  return x.r * C(0.2989) + x.g * C(0.587) + x.b * C(0.114);
}

// Hue, saturation and value of colours from 0 to 1, the hue in turns.
template <class V>
SINTER_INLINE Rgb<V> to_hsv(const Rgb<V>& x) {
  using C = std::remove_reference_t<decltype(x.r[0])>;
  // What is no number in any of the three is none in all that comes of them.
  const V high = vmax(vmax(x.r, x.g), x.b), most = x.r != x.r ? x.r : x.g != x.g ? x.g : x.b != x.b ? x.b : high;
  const V least = vmin(vmin(x.r, x.g), x.b), range = most - least;
  const auto even = most == least;
  const V one = V{} + C(1), by = even ? one : range;
  const V rc = (most - x.r) / by, gc = (most - x.g) / by, bc = (most - x.b) / by;
  V h = most == x.r ? bc - gc : most == x.g ? rc + C(2) - bc : gc + C(4) - rc;
  h = h * C(1.0 / 6) + C(1);
  return {h - vfloor_small(h), range / (even ? one : most), most};
}
template <class V>
SINTER_INLINE V bounded(V x, typename std::remove_reference_t<decltype(V{}[0])> top) {
  x = x < 0 ? V{} : x;
  return x > top ? V{} + top : x;
}
template <class V>
SINTER_INLINE Rgb<V> from_hsv(const Rgb<V>& x) {
  using C = std::remove_reference_t<decltype(x.r[0])>;
  const V h = x.r, s = x.g, v = x.b, six = h * C(6), i = vfloor_small(six), f = six - i;
  const V sector = i - C(6) * vfloor_small(i * C(1.0 / 6) + C(1.0 / 64));
  const V p = bounded<V>((C(1) - s) * v, 1), q = bounded<V>((C(1) - s * f) * v, 1),
          t = bounded<V>((s * f + (C(1) - s)) * v, 1);
  const auto s0 = sector == C(0), s1 = sector == C(1), s2 = sector == C(2), s3 = sector == C(3), s4 = sector == C(4);
  return {s0   ? v
          : s1 ? q
          : s2 ? p
          : s3 ? p
          : s4 ? t
               : v,
          s0   ? t
          : s1 ? v
          : s2 ? v
          : s3 ? q
               : p,
          s0   ? p
          : s1 ? p
          : s2 ? t
          : s3 ? v
          : s4 ? v
               : q};
}

template <class T>
struct Recolor {
  using C = Compute<T>;
  using V = Vec<C>;
  static constexpr bool kBytes = sizeof(T) == 1;
  static constexpr C kTop = kBytes ? C(255) : C(1);

  int steps;
  int step[kMaxSteps];
  int64_t channels, plane;

  static SINTER_INLINE V kept(V v) {
    if constexpr (kBytes)
      return whole_below(v);
    else
      return v;
  }
  // factor x + (1 - factor) other.
  static SINTER_INLINE V blend(V x, V other, C factor) {
    return kept(bounded<V>(x * factor + other * (C(1) - factor), kTop));
  }
  static SINTER_INLINE V gray(const Rgb<V>& x, bool colour) { return colour ? kept(gray_of(x)) : x.r; }

  // The first `count` steps; factors and, for contrast, means of this image.
  SINTER_INLINE void apply(int count, const C* factor, const C* mean, Rgb<V>& x) const {
    const bool colour = channels == 3;
    for (int s = 0; s < count; s++) {
      const C f = factor[s];
      switch (step[s]) {
        case kBrightness:
          x = {kept(bounded<V>(x.r * f, kTop)), kept(bounded<V>(x.g * f, kTop)), kept(bounded<V>(x.b * f, kTop))};
          break;
        case kContrast: {
          const V m = splat(mean[s]);
          x = {blend(x.r, m, f), blend(x.g, m, f), blend(x.b, m, f)};
          break;
        }
        case kSaturation: {
          const V m = gray(x, colour);
          x = {blend(x.r, m, f), blend(x.g, m, f), blend(x.b, m, f)};
          break;
        }
        case kHue: {
          const C in = C(1) / kTop, out = kBytes ? C(255.999) : C(1);
          Rgb<V> hsv = to_hsv(Rgb<V>{x.r * in, x.g * in, x.b * in});
          const V h = hsv.r + f;
          hsv.r = h - vfloor_small(h);
          x = from_hsv(hsv);
          x = {kept(x.r * out), kept(x.g * out), kept(x.b * out)};
          break;
        }
        case kToHsv: x = to_hsv(x); break;
        case kFromHsv: x = from_hsv(x); break;
        default: x.r = gray(x, colour); break;
      }
    }
  }

  template <class P>
  SINTER_INLINE Rgb<V> load_at(P part, const T* image, int64_t i) const {
    const V r = get_pixels(part, image + i);
    if (channels == 1) return {r, r, r};
    return {r, get_pixels(part, image + plane + i), get_pixels(part, image + 2 * plane + i)};
  }

  // Sum of the gray values of pixels [first, first + n) after `count` steps.
  double gray_sum(const T* image, int count, const C* factor, const C* mean, int64_t first, int64_t n) const {
    Sums<C> sums;
    sums.add(n, [&](int64_t i, auto part, V(&v)[1]) {
      Rgb<V> x = load_at(part, image, first + i);
      apply(count, factor, mean, x);
      v[0] = gray(x, channels == 3);
    });
    return sums.total();
  }
};

template <class T>
void recolor_images(const Call& c) {
  using C = Compute<T>;
  const TensorRef &x = c.in[0], &y = c.out[0];
  Recolor<T> r;
  r.steps = c.nattr;
  for (int s = 0; s < r.steps; s++) r.step[s] = static_cast<int>(c.int_attr(s));
  r.channels = x.dims[1];
  r.plane = x.dims[2] * x.dims[3];
  const int64_t n = x.dims[0], blocks = (r.plane + kPixelBlock - 1) / kPixelBlock, out = y.dims[1];
  C *factors = c.scratch_of<C>(n * r.steps), *means = c.scratch_of<C>(n * r.steps);
  double* sums = c.scratch_of<double>(n * blocks);
  for (int64_t i = 0; i < n * r.steps; i++) factors[i] = static_cast<C>(read_any(c.in[1], i));
  // An item is a block of an image's pixels, some 8 operations a step each.
  const auto each_pixels = [&](auto f) {
    parallel_for(n * blocks, grain_of(kPixelBlock * r.channels), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t image = i / blocks, first = i % blocks * kPixelBlock;
        f(image, first, std::min(kPixelBlock, r.plane - first), i);
      }
    });
  };
  for (int s = 0; s < r.steps; s++) {
    if (r.step[s] != kContrast) continue;
    each_pixels([&](int64_t image, int64_t first, int64_t count, int64_t i) {
      sums[i] = r.gray_sum(x.as<T>() + image * r.channels * r.plane, s, factors + image * r.steps,
                           means + image * r.steps, first, count);
    });
    for (int64_t image = 0; image < n; image++) {
      double total = 0;
      for (int64_t b = 0; b < blocks; b++) total += sums[image * blocks + b];
      means[image * r.steps + s] = static_cast<C>(total / static_cast<double>(r.plane));
    }
  }
  each_pixels([&](int64_t image, int64_t first, int64_t count, int64_t) {
    const T* from = x.as<T>() + image * r.channels * r.plane;
    T* to = y.as<T>() + image * out * r.plane;
    each_step<C>(count, [&](int64_t i, auto part) {
      auto v = r.load_at(part, from, first + i);
      r.apply(r.steps, factors + image * r.steps, means + image * r.steps, v);
      put_pixels(part, to + first + i, v.r);
      if (out == 3) {
        put_pixels(part, to + r.plane + first + i, v.g);
        put_pixels(part, to + 2 * r.plane + first + i, v.b);
      }
    });
  });
}

}  // namespace

void recolor(const Call& c) {
  if (c.out[0].numel == 0) return;
  if (c.nattr > kMaxSteps) fail(ErrorCode::unsupported, "recolor: %d steps, at most %d", c.nattr, kMaxSteps);
  with_pixels(c.in[0].dtype, "recolor", [&](auto t) { recolor_images<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
