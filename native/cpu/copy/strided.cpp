// Strided copies with cast. Place in the whole: see strided.h.
//
// The nest is reordered so that dst is walked in memory order, then one of four loops runs: flat, rows (src contiguous
// or constant along dst's inner dimension), transposed blocks (src contiguous along another one), gathered rows.
#include "cpu/copy/strided.h"

#include <algorithm>

#include "cpu/copy/runs.h"
#include "cpu/copy/transpose.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kGrainBytes = 128 << 10;
constexpr int64_t kSide = 64;        // of a transposed block: 64 x 64
constexpr int64_t kRunBytes = 4096;  // staging of casts and scatters

struct Job {
  Nest<2> nest;
  DType to, from;
  int64_t to_size, from_size;
  char* dst;
  const char* src;
  bool stream;  // dst bypasses the caches
};

// A contiguous run.
void flat_run(const Job& job, char* dst, const char* src, int64_t n) {
  if (!job.stream) {
    convert_run(job.from, src, job.to, dst, n);
  } else if (job.from == job.to) {
    stream_copy(dst, src, n * job.to_size);
  } else {
    alignas(64) char staged[kRunBytes];
    int64_t step = kRunBytes / job.to_size;
    for (int64_t i = 0; i < n; i += step) {
      int64_t count = std::min(step, n - i);
      convert_run(job.from, src + i * job.from_size, job.to, staged, count);
      stream_copy(dst + i * job.to_size, staged, count * job.to_size);
    }
  }
}

// Any inner strides, through staging blocks.
void staged_run(const Job& job, char* dst, int64_t dst_stride, const char* src, int64_t src_stride, int64_t n) {
  alignas(64) char gathered[kRunBytes], converted[kRunBytes];
  const int64_t step = kRunBytes / std::max(job.to_size, job.from_size);
  for (int64_t i = 0; i < n; i += step) {
    int64_t count = std::min(step, n - i);
    const char* x = src + i * src_stride * job.from_size;
    char* y = dst + i * dst_stride * job.to_size;
    if (src_stride != 1) {
      gather_run(static_cast<size_t>(job.from_size), x, src_stride, gathered, count);
      x = gathered;
    }
    if (dst_stride == 1) {
      convert_run(job.from, x, job.to, y, count);
    } else {
      if (job.from != job.to) {
        convert_run(job.from, x, job.to, converted, count);
        x = converted;
      }
      scatter_run(static_cast<size_t>(job.to_size), x, y, dst_stride, count);
    }
  }
}

void inner_run(const Job& job, char* dst, int64_t dst_stride, const char* src, int64_t src_stride, int64_t n) {
  if (dst_stride == 1 && src_stride == 1) {
    flat_run(job, dst, src, n);
  } else if (dst_stride == 1 && src_stride == 0) {
    alignas(16) char value[16];
    convert_run(job.from, src, job.to, value, 1);
    fill_run(static_cast<size_t>(job.to_size), value, dst, n);
  } else if (job.from == job.to && dst_stride == 1) {
    gather_run(static_cast<size_t>(job.to_size), src, src_stride, dst, n);
  } else if (job.from == job.to && src_stride == 1) {
    scatter_run(static_cast<size_t>(job.to_size), src, dst, dst_stride, n);
  } else {
    staged_run(job, dst, dst_stride, src, src_stride, n);
  }
}

// Rows [begin, end) of the nest cut into pieces of `piece` inner elements.
void copy_rows(const Job& job, int64_t piece, int64_t pieces, int64_t begin, int64_t end) {
  const Nest<2>& nest = job.nest;
  int64_t inner = nest.inner(), dst_stride = nest.inner_stride(0), src_stride = nest.inner_stride(1);
  Odometer<2> at(nest, begin / pieces);
  for (int64_t unit = begin, part = begin % pieces; unit < end; unit++) {
    int64_t from = part * piece, count = std::min(piece, inner - from);
    inner_run(job, job.dst + (at.offset[0] + from * dst_stride) * job.to_size, dst_stride,
              job.src + (at.offset[1] + from * src_stride) * job.from_size, src_stride, count);
    if (++part == pieces) {
      part = 0;
      at.next();
    }
  }
}

// dst's last dimension j (stride 1) and dimension i, along which src has stride 1, in blocks of kSide x kSide; the
// others (and the block grid) are the units.
template <class T>
void transpose_blocks(const Job& job, int i_dim, int64_t begin, int64_t end) {
  const Nest<2>& nest = job.nest;
  const int j_dim = nest.rank - 1;
  const int64_t rows = nest.dims[i_dim], columns = nest.dims[j_dim];
  const int64_t row_blocks = (rows + kSide - 1) / kSide, column_blocks = (columns + kSide - 1) / kSide;
  const int64_t src_stride = nest.strides[1][j_dim], dst_stride = nest.strides[0][i_dim];
  alignas(64) T block[kSide * kSide];
  for (int64_t unit = begin; unit < end; unit++) {
    int64_t rest = unit / (row_blocks * column_blocks), in_grid = unit % (row_blocks * column_blocks);
    int64_t i = in_grid / column_blocks * kSide, j = in_grid % column_blocks * kSide;
    int64_t dst_at = i * dst_stride + j, src_at = i + j * src_stride;
    for (int d = nest.rank - 2; d >= 0; d--) {
      if (d == i_dim) continue;
      int64_t index = rest % nest.dims[d];
      rest /= nest.dims[d];
      dst_at += index * nest.strides[0][d];
      src_at += index * nest.strides[1][d];
    }
    int64_t height = std::min(kSide, rows - i), width = std::min(kSide, columns - j);
    const T* src = reinterpret_cast<const T*>(job.src) + src_at;
    char* dst = job.dst + dst_at * job.to_size;
    if (job.from == job.to && !job.stream) {
      transpose_block<T>(src, src_stride, reinterpret_cast<T*>(dst), dst_stride, height, width);
    } else {
      transpose_block<T>(src, src_stride, block, kSide, height, width);
      for (int64_t r = 0; r < height; r++)
        flat_run(job, dst + r * dst_stride * job.to_size, reinterpret_cast<const char*>(block + r * kSide), width);
    }
  }
}

void transposed(const Job& job, int i_dim, int64_t numel) {
  const Nest<2>& nest = job.nest;
  int64_t rows = nest.dims[i_dim], columns = nest.dims[nest.rank - 1];
  int64_t units = (rows + kSide - 1) / kSide * ((columns + kSide - 1) / kSide) * (numel / (rows * columns));
  int64_t grain = std::max<int64_t>(1, shared_grain(numel * job.to_size, kGrainBytes) / (kSide * kSide * job.to_size));
  parallel_for(units, grain, [&](int64_t begin, int64_t end) {
    switch (job.from_size) {
      case 1: transpose_blocks<uint8_t>(job, i_dim, begin, end); break;
      case 2: transpose_blocks<uint16_t>(job, i_dim, begin, end); break;
      case 4: transpose_blocks<uint32_t>(job, i_dim, begin, end); break;
      default: transpose_blocks<uint64_t>(job, i_dim, begin, end);
    }
    if (job.stream) stream_fence();
  });
}

}  // namespace

void strided_copy(Nest<2> nest, DType to, void* dst, DType from, const void* src) {
  int64_t numel = 1;
  for (int d = 0; d < nest.rank; d++) numel *= nest.dims[d];
  if (numel == 0) return;
  nest.collapse();
  if (!nest.dense(0)) {
    nest.sort_by(0);
    nest.collapse();
  }
  Job job{nest,
          to,
          from,
          static_cast<int64_t>(dtype_size(to)),
          static_cast<int64_t>(dtype_size(from)),
          static_cast<char*>(dst),
          static_cast<const char*>(src),
          numel * static_cast<int64_t>(dtype_size(to)) >= kStreamBytes && nest.dense(0)};
  // Past the caches runs may go anywhere, and reading in order is what counts: threads that read pieces of one region fetch each
  // other's lines ahead.
  if (job.stream && nest.inner_stride(0) == 1 && nest.inner_stride(1) == 1 && !nest.repeats(1)) job.nest.sort_by(1);
  const int64_t inner = nest.inner();
  if (nest.rank > 1 && nest.inner_stride(0) == 1 && job.from_size <= 8) {
    int i_dim = -1;
    for (int d = 0; d < nest.rank - 1; d++)
      if (nest.strides[1][d] == 1 && nest.dims[d] >= 4 && nest.inner_stride(1) > 1) i_dim = d;
    if (i_dim >= 0 && inner >= 4) return transposed(job, i_dim, numel);
  }
  const int64_t bytes = shared_grain(numel * job.to_size, kGrainBytes);
  int64_t piece = std::max<int64_t>(1, std::min(inner, bytes / job.to_size));
  int64_t pieces = (inner + piece - 1) / piece, units = numel / inner * pieces;
  int64_t grain = std::max<int64_t>(1, bytes / (piece * job.to_size));
  parallel_for(units, grain, [&](int64_t begin, int64_t end) {
    copy_rows(job, piece, pieces, begin, end);
    if (job.stream) stream_fence();
  });
}

}  // namespace sinter::cpu::SINTER_ISA
