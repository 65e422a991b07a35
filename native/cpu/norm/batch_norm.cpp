// batchNorm: y = (x - mean) rstd weight + bias with the batch's statistics; batchNormEval: with given ones;
// batchNormUpdate: the running statistics. Place in the whole: kernels of native/ops.def, compiled once per instruction
// set.
//   x, y (n, c, ...) contiguous, f32 f64 bf16 f16; mean, rstd, var (c) in the compute type, or as given;
//   weight?, bias? (c) of any floating type; residual? as x. With them y = relu(... + residual), either part as asked.
// Statistics are one pass over memory (moments.h); where channels lie side by side, so are their moments (columns.h).
#include "cpu/norm/channels.h"
#include "cpu/norm/columns.h"
#include "cpu/norm/epilogue.h"
#include "cpu/norm/moments.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T>
Moments channel_moments(const T* x, const Channels& ch) {
  Moments all;
  each_group(ch, [&](int64_t images, int64_t first, int64_t length) {
    merge_block(all, x + first, images, length, ch.columns());
  });
  return all;
}

// The run of n elements from `at` on of y = (x - mean) scale + shift, and what follows.
template <class T, class E>
SINTER_INLINE void apply_run(const T* x, T* y, int64_t at, int64_t n, Compute<T> mean, Compute<T> scale,
                             Compute<T> shift, bool stream, E then) {
  write_row(y + at, n, stream,
            [&](int64_t k, auto part) { return then(part, (get(part, x + at + k) - mean) * scale + shift, at + k); });
}

// The same over the matrix (n, c * s), its parameters repeated for each column.
template <class T, class E>
void apply_columns(const Call& c, const Channels& ch, const Compute<T>* mean, const Compute<T>* scale,
                   const Compute<T>* shift, E then) {
  using C = Compute<T>;
  const int64_t columns = ch.columns();
  if (ch.s > 1) {
    C* repeated = c.scratch_of<C>(3 * columns);
    for (int64_t j = 0; j < columns; j++) {
      repeated[j] = mean[j / ch.s];
      repeated[columns + j] = scale[j / ch.s];
      repeated[2 * columns + j] = shift[j / ch.s];
    }
    mean = repeated, scale = repeated + columns, shift = repeated + 2 * columns;
  }
  const T* x = c.in[0].as<T>();
  T* y = c.out[0].as<T>();
  const bool stream = streams(y, ch.n * columns);
  parallel_for(ch.n, grain_of(columns), [=](int64_t begin, int64_t end) {
    for (int64_t at = begin * columns; at < end * columns; at += columns)
      write_row(y + at, columns, stream, [&](int64_t j, auto part) {
        const auto v = (get(part, x + at + j) - get(part, mean + j)) * get(part, scale + j) + get(part, shift + j);
        return then(part, v, at + j);
      });
    end_streaming(stream);
  });
}

template <class T>
void column_statistics(const Call& c, const Channels& ch, double eps, Compute<T>* mean, Compute<T>* rstd) {
  const ColumnMoments columns = column_moments(c, c.in[0].as<T>(), ch.n, ch.columns());
  parallel_for(ch.c, 256, [=](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; k++) {
      Moments all;
      for (int64_t j = k * ch.s; j < (k + 1) * ch.s; j++)
        all.merge(static_cast<double>(ch.n), columns.mean[j], columns.squares[j]);
      mean[k] = static_cast<Compute<T>>(all.mean);
      rstd[k] = static_cast<Compute<T>>(all.rstd(eps));
    }
  });
}

template <class T, class E>
void batch_norm(const Call& c, E then) {
  using C = Compute<T>;
  const Channels ch(c.in[0]);
  const double eps = c.attr[0];
  const T* x = c.in[0].as<T>();
  const C *weight = as_compute<C>(c, c.opt(1)), *bias = as_compute<C>(c, c.opt(2));
  T* y = c.out[0].as<T>();
  C *mean = c.out[1].as<C>(), *rstd = c.out[2].as<C>();
  if (ch.count() == 0) {
    for (int64_t k = 0; k < ch.c; k++) mean[k] = rstd[k] = std::numeric_limits<C>::quiet_NaN();
    return;
  }
  if (ch.short_runs()) {
    column_statistics<T>(c, ch, eps, mean, rstd);
    C *scale = c.scratch_of<C>(ch.c), *shift = c.scratch_of<C>(ch.c);
    for (int64_t k = 0; k < ch.c; k++) {
      scale[k] = weight ? rstd[k] * weight[k] : rstd[k];
      shift[k] = bias ? bias[k] : C(0);
    }
    return apply_columns<T>(c, ch, mean, scale, shift, then);
  }
  const bool stream = streams(y, c.in[0].numel);
  parallel_for(ch.c, grain_of(ch.count()), [=](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; k++) {
      const Moments m = channel_moments(x + k * ch.s, ch);
      mean[k] = static_cast<C>(m.mean);
      rstd[k] = static_cast<C>(1 / std::sqrt(m.squares / m.count + eps));
      const C scale = weight ? rstd[k] * weight[k] : rstd[k], shift = bias ? bias[k] : C(0);
      for (int64_t i = 0; i < ch.n; i++)
        apply_run(x, y, (i * ch.c + k) * ch.s, ch.s, mean[k], scale, shift, stream, then);
    }
    end_streaming(stream);
  });
}

template <class T, class E>
void batch_norm_eval(const Call& c, E then) {
  using C = Compute<T>;
  const Channels ch(c.in[0]);
  if (c.in[0].numel == 0) return;
  const TensorRef &weight = c.opt(3), &bias = c.opt(4);
  C *mean = c.scratch_of<C>(ch.c), *scale = c.scratch_of<C>(ch.c), *shift = c.scratch_of<C>(ch.c);
  for (int64_t k = 0; k < ch.c; k++) {
    const double rstd = 1 / std::sqrt(read_any(c.in[2], k) + c.attr[0]);
    mean[k] = static_cast<C>(read_any(c.in[1], k));
    scale[k] = static_cast<C>(weight.present() ? rstd * read_any(weight, k) : rstd);
    shift[k] = static_cast<C>(bias.present() ? read_any(bias, k) : 0);
  }
  if (ch.short_runs()) return apply_columns<T>(c, ch, mean, scale, shift, then);
  const T* x = c.in[0].as<T>();
  T* y = c.out[0].as<T>();
  const bool stream = streams(y, c.in[0].numel);
  parallel_for(ch.n * ch.c, grain_of(ch.s), [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const int64_t k = r % ch.c;
      apply_run(x, y, r * ch.s, ch.s, mean[k], scale[k], shift[k], stream, then);
    }
    end_streaming(stream);
  });
}

}  // namespace

void batchNorm(const Call& c) {
  with_floating(c.in[0].dtype, "batchNorm", [&](auto t) {
    using T = decltype(t);
    with_epilogue<T>(c.opt(3), c.attr[1] != 0, [&](auto then) { batch_norm<T>(c, then); });
  });
}

void batchNormEval(const Call& c) {
  with_floating(c.in[0].dtype, "batchNormEval", [&](auto t) {
    using T = decltype(t);
    with_epilogue<T>(c.opt(5), c.attr[1] != 0, [&](auto then) { batch_norm_eval<T>(c, then); });
  });
}

// One element a channel has no unbiased variance; the biased one (zero) then stands in.
void batchNormUpdate(const Call& c) {
  const TensorRef &mean = c.in[0], &var = c.in[1], &batch_mean = c.in[2], &batch_rstd = c.in[3];
  const double eps = c.attr[0], momentum = c.attr[1], count = c.attr[2];
  if (!is_floating(mean.dtype))
    fail(ErrorCode::unsupported, "batchNormUpdate: dtype %s is not supported on cpu", dtype_name(mean.dtype));
  const double unbias = count > 1 ? count / (count - 1) : 1;
  const int64_t mean_stride = mean.strides ? mean.strides[0] : 1, var_stride = var.strides ? var.strides[0] : 1;
  for (int64_t k = 0; k < mean.numel; k++) {
    const double rstd = read_any(batch_rstd, k), v = std::max(1 / (rstd * rstd) - eps, 0.0) * unbias;
    const int64_t at_mean = k * mean_stride, at_var = k * var_stride;
    write_any(mean, at_mean, (1 - momentum) * read_any(mean, at_mean) + momentum * read_any(batch_mean, k));
    write_any(var, at_var, (1 - momentum) * read_any(var, at_var) + momentum * v);
  }
}

}  // namespace sinter::cpu::SINTER_ISA
