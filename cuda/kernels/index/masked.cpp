// Host side of masked.cu; contracts as in native/cpu/index/masked.cpp and nonzero.cpp.
#include "cuda/kernels/index/masked.h"

#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_masked;

namespace {

constinit Kernel count_kernels[] = {{image_masked, "count_chosen_1"},
                                    {image_masked, "count_chosen_2"},
                                    {image_masked, "count_chosen_4"},
                                    {image_masked, "count_chosen_8"}};
constinit Kernel nonzero_kernels[] = {
    {image_masked, "nonzero_1"}, {image_masked, "nonzero_2"}, {image_masked, "nonzero_4"}, {image_masked, "nonzero_8"}};
constinit Kernel sums_kernel{image_masked, "masked_sums"};
SINTER_CUDA_WORDS(select_kernels, image_masked, "masked_select")
SINTER_CUDA_WORDS(scatter_kernels, image_masked, "masked_scatter")

int64_t tiles_of(int64_t n) { return (n + kMaskedTile - 1) / kMaskedTile; }

// Numbers of tiles' first chosen elements, and of all.
template <class B>
int64_t* count(const Call& call, const void* x, int64_t n, B bits, MaskedDemand demand, int64_t limit,
               ReportRecord* report) {
  const int64_t tiles = tiles_of(n);
  int64_t* first = call.scratch_of<int64_t>(tiles + 1);
  launch(call, count_kernels[word_index(sizeof(B))], Dim(tiles), Dim(kIndexThreads), 0, x, n, bits, first);
  launch(call, sums_kernel, Dim(1), Dim(kMaskedScanThreads), 0, first, tiles, static_cast<int32_t>(demand), limit,
         report);
  return first;
}

template <class B>
void nonzero_bits(const Call& call, B bits) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  Coordinates c{};
  c.y = y.as<int64_t>();
  c.rows = y.dims[0], c.fill = call.int_attr(0), c.rank = x.rank;
  for (int d = 0; d < x.rank; d++) c.dims[d] = split_of(x.dims[d]);
  const bool exact = call.attr[1] != 0;
  ReportRecord* report =
      !exact ? nullptr
             : call.report(ErrorCode::index_out_of_range, [](const ReportRecord& r, char* message, size_t size) {
                 std::snprintf(message, size, "the mask selects %lld elements, where %lld values are given",
                               static_cast<long long>(r.value[0]), static_cast<long long>(r.value[1]));
               });
  const int64_t* first = count(call, x.data, x.numel, bits, exact ? kExactly : kAnyNumber, c.rows, report);
  // A block at least: without elements there may be rows to fill.
  const int64_t tiles = tiles_of(x.numel), blocks = tiles > 0 ? tiles : 1;
  if (y.numel > 0)
    launch(call, nonzero_kernels[word_index(sizeof(B))], Dim(blocks), Dim(kIndexThreads), 0, x.data, x.numel, bits,
           first, tiles, c);
}

}  // namespace

SINTER_CUDA_OP(nonzero) {
  const DType d = call.in[0].dtype;
  if (is_complex(d)) fail(ErrorCode::unsupported, "nonzero: dtype %s is not supported on cuda", dtype_name(d));
  const bool sign = is_floating(d);
  switch (dtype_size(d)) {
    case 1: return nonzero_bits<uint8_t>(call, 0xff);
    case 2: return nonzero_bits<uint16_t>(call, 0x7fff);
    case 4: return nonzero_bits<uint32_t>(call, sign ? 0x7fffffff : ~uint32_t{});
    default: return nonzero_bits<uint64_t>(call, sign ? ~uint64_t{} >> 1 : ~uint64_t{});
  }
}

SINTER_CUDA_OP(maskedSelect) {
  const TensorRef &x = call.in[0], &mask = call.in[1], &y = call.out[0];
  if (y.numel == 0) return;
  const int64_t tiles = tiles_of(x.numel), blocks = tiles > 0 ? tiles : 1;
  const int64_t* first = count<uint8_t>(call, mask.data, x.numel, 0xff, kAnyNumber, 0, nullptr);
  launch(call, select_kernels[word_index(static_cast<int>(dtype_size(x.dtype)))], Dim(blocks), Dim(kIndexThreads), 0,
         x.data, mask.data, x.numel, first, tiles, y.data, y.numel);
}

SINTER_CUDA_OP(maskedScatter) {
  const TensorRef &x = call.in[0], &mask = call.in[1], &source = call.in[2], &y = call.out[0];
  if (x.numel == 0) return;
  ReportRecord* report =
      call.report(ErrorCode::index_out_of_range, [](const ReportRecord& r, char* message, size_t size) {
        std::snprintf(message, size, "maskedScatter: the mask selects %lld elements, src has %lld",
                      static_cast<long long>(r.value[0]), static_cast<long long>(r.value[1]));
      });
  const int64_t* first = count<uint8_t>(call, mask.data, x.numel, 0xff, kAtMost, source.numel, report);
  launch(call, scatter_kernels[word_index(static_cast<int>(dtype_size(x.dtype)))], Dim(tiles_of(x.numel)),
         Dim(kIndexThreads), 0, x.data, mask.data, x.numel, first, source.data, source.numel, y.data);
}

}  // namespace sinter::cuda
