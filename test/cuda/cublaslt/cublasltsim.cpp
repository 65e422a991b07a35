// A stand-in for cuBLASLt, for tests of the code that calls it. Place in the whole: build/cuda/libcublasltsim.so; exports what
// cuda/vendor/cublaslt.def names over whatever driver SINTER_CUDA_DRIVER names.
//
// Handles, sizes of attributes, shapes, layouts, alignments, types and work memory are checked; work memory is written all over. An
// algorithm is for the product that it was named for, and says so. Products are computed on the host in double, when the stream has come
// to them, and rounded once. Three algorithms: the first needs 1 MiB of work memory and is slow, the second none, the third 64 KiB.
//
// CUBLASLTSIM_REFUSE=heuristic:MxNxK, or matmul:MxNxK, with the library's m, n and k: that product is not taken, or fails.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "cuda/vendor/cublaslt_abi.h"
#include "test/cuda/library/device_work.h"
#include "test/cuda/library/numbers.h"

namespace {

using namespace sinter::cuda;
using standin::decoded;
using standin::DeviceWork;
using standin::encode;
using standin::Number;

struct Layout {
  LtType type;
  int64_t rows, columns, ld;
  int32_t batch = 1;
  int64_t step = 0;
};
struct Operation {
  LtCompute compute;
  LtType scale;
  int32_t transpose_a = kLtKeep, transpose_b = kLtKeep;
  uint32_t epilogue = kLtEpilogueNone;
  const void* bias = nullptr;
};
struct Preference {
  uint64_t workspace = 0;
  uint32_t reduction_scheme = 7;
  uint32_t align[4] = {256, 256, 256, 256};
};

// What was created and not destroyed.
template <class T>
std::set<const void*>& living() {
  static auto& all = *new std::set<const void*>;
  return all;
}
struct Handle {};

template <class T, class Opaque>
T* known(Opaque handle) {
  return living<T>().count(handle) ? reinterpret_cast<T*>(handle) : nullptr;
}
template <class T, class Opaque>
LtStatus create(Opaque* handle, T made) {
  if (!handle) return LtStatus::invalid_value;
  *handle = reinterpret_cast<Opaque>(new T(made));
  living<T>().insert(*handle);
  return LtStatus::success;
}
template <class T, class Opaque>
LtStatus destroy(Opaque handle) {
  T* object = known<T>(handle);
  if (!object) return LtStatus::invalid_value;
  living<T>().erase(handle);
  delete object;
  return LtStatus::success;
}
template <class T>
LtStatus store(T& to, const void* value, size_t bytes) {
  if (!value || bytes != sizeof to) return LtStatus::invalid_value;
  std::memcpy(&to, value, sizeof to);
  return LtStatus::success;
}

// Says what was wrong: a test shows the status alone.
LtStatus refused(const char* what, LtStatus status = LtStatus::invalid_value) {
  std::fprintf(stderr, "cublasltsim: %s\n", what);
  return status;
}

Number number_of(LtType type) {
  switch (type) {
    case LtType::f64: return Number::f64;
    case LtType::bf16: return Number::bf16;
    case LtType::f16: return Number::f16;
    case LtType::f32: break;
  }
  return Number::f32;
}
size_t size_of(LtType type) { return standin::size_of(number_of(type)); }

// A product as its descriptors say it; c and d lie alike.
struct Product {
  const Operation* op;
  const Layout *a, *b, *c, *d;
  int64_t m, n, k;
};

bool fits(const Layout& l) { return l.rows > 0 && l.columns > 0 && l.ld >= l.rows && l.batch >= 1; }

LtStatus read_product(LtOperation op, LtLayout a, LtLayout b, LtLayout c, LtLayout d, Product* p) {
  *p = {known<Operation>(op), known<Layout>(a), known<Layout>(b), known<Layout>(c), known<Layout>(d), 0, 0, 0};
  if (!p->op || !p->a || !p->b || !p->c || !p->d) return refused("a descriptor is none");
  for (const Layout* l : {p->a, p->b, p->c, p->d})
    if (!fits(*l)) return refused("a layout whose columns overlap, or with nothing in it");
  const bool ta = p->op->transpose_a == kLtTranspose, tb = p->op->transpose_b == kLtTranspose;
  p->m = ta ? p->a->columns : p->a->rows;
  p->k = ta ? p->a->rows : p->a->columns;
  p->n = tb ? p->b->rows : p->b->columns;
  const int64_t k = tb ? p->b->columns : p->b->rows;
  if (p->k != k || p->d->rows != p->m || p->d->columns != p->n) return refused("shapes that do not fit each other");
  if (p->c->rows != p->m || p->c->columns != p->n || p->c->type != p->d->type) return refused("c is not like d");
  for (const Layout* l : {p->a, p->b, p->c})
    if (l->batch != p->d->batch) return refused("batches of several sizes");
  if (p->d->batch > 1 && p->d->step < p->d->ld * (p->n - 1) + p->m) return refused("matrices of d overlap");
  const LtType from = p->a->type, to = p->d->type;
  if (p->b->type != from) return refused("a and b of two types", LtStatus::not_supported);
  bool known_types = false;
  switch (p->op->compute) {
    case LtCompute::f64: known_types = p->op->scale == LtType::f64 && from == LtType::f64 && to == LtType::f64; break;
    case LtCompute::f32_fast_tf32:
      known_types = p->op->scale == LtType::f32 && from == LtType::f32 && to == LtType::f32;
      break;
    case LtCompute::f32:
      known_types = p->op->scale == LtType::f32 && from != LtType::f64 && (to == from || to == LtType::f32);
      break;
  }
  if (!known_types) return refused("types that do not go together", LtStatus::not_supported);
  if (p->op->epilogue == kLtEpilogueBias) {
    if (from == LtType::f64) return refused("a bias of f64", LtStatus::not_supported);
    if (!p->op->bias) return refused("a bias without its pointer");
  } else if (p->op->epilogue != kLtEpilogueNone) {
    return refused("an epilogue that is not known here", LtStatus::not_supported);
  }
  return LtStatus::success;
}

bool planted(const char* stage, const Product& p) {
  const char* wish = std::getenv("CUBLASLTSIM_REFUSE");
  return wish &&
         wish == std::string(stage) + ":" + std::to_string(p.m) + "x" + std::to_string(p.n) + "x" + std::to_string(p.k);
}

// What an algorithm is good for: its number, work memory, and the product and alignments that it was named for.
constexpr uint64_t kMagic = 0x6c7473696d616c67;
constexpr size_t kWorkspaces[] = {size_t{1} << 20, 0, size_t{64} << 10};
uint64_t fingerprint(const Product& p) {
  uint64_t h = 1;
  const auto add = [&](int64_t word) { h = (h ^ static_cast<uint64_t>(word)) * 0x9e3779b97f4a7c15u, h ^= h >> 29; };
  for (const Layout* l : {p.a, p.b, p.c, p.d})
    for (int64_t word : {static_cast<int64_t>(l->type), l->rows, l->columns, l->ld, int64_t{l->batch}, l->step})
      add(word);
  for (int64_t word : {static_cast<int64_t>(p.op->compute), int64_t{p.op->transpose_a}, int64_t{p.op->transpose_b},
                       int64_t{p.op->epilogue}})
    add(word);
  return h;
}

double in_tf32(double x) {
  const auto bits = std::bit_cast<uint32_t>(static_cast<float>(x));
  return std::isfinite(x) ? std::bit_cast<float>((bits + 0x1000) & ~0x1fffu) : x;
}

int64_t extent(const Layout& l) { return l.ld * (l.columns - 1) + l.rows; }

void multiply(DeviceWork& work, const Product& p, double alpha, const void* a, const void* b, double beta,
              const void* c, void* d) {
  const auto bytes_of = [](const Layout& l) { return static_cast<size_t>(extent(l)) * size_of(l.type); };
  const auto item = [](const void* data, const Layout& l, int32_t i) {
    return static_cast<char*>(const_cast<void*>(data)) + i * l.step * static_cast<int64_t>(size_of(l.type));
  };
  const bool biased = p.op->epilogue == kLtEpilogueBias, tf32 = p.op->compute == LtCompute::f32_fast_tf32;
  const auto bias =
      biased ? work.read(p.op->bias, static_cast<size_t>(p.m) * size_of(p.d->type)) : std::vector<std::byte>{};
  for (int32_t i = 0; i < p.d->batch && work.good(); i++) {
    const auto left = work.read(item(a, *p.a, i), bytes_of(*p.a)), right = work.read(item(b, *p.b, i), bytes_of(*p.b));
    const auto added = beta != 0 ? work.read(item(c, *p.c, i), bytes_of(*p.c)) : std::vector<std::byte>{};
    // What lies between d's columns stays.
    auto result = p.d->ld == p.m ? std::vector<std::byte>(bytes_of(*p.d)) : work.read(item(d, *p.d, i), bytes_of(*p.d));
    const auto at = [&](const std::vector<std::byte>& from, const Layout& l, bool transposed, int64_t row,
                        int64_t column) {
      const int64_t index = transposed ? row * l.ld + column : column * l.ld + row;
      const double x = decoded(from.data() + static_cast<size_t>(index) * size_of(l.type), number_of(l.type));
      return tf32 ? in_tf32(x) : x;
    };
    for (int64_t column = 0; column < p.n; column++)
      for (int64_t row = 0; row < p.m; row++) {
        double sum = 0;
        for (int64_t k = 0; k < p.k; k++)
          sum += at(left, *p.a, p.op->transpose_a == kLtTranspose, row, k) *
                 at(right, *p.b, p.op->transpose_b == kLtTranspose, k, column);
        sum *= alpha;
        const auto place = static_cast<size_t>(column * p.d->ld + row) * size_of(p.d->type);
        if (beta != 0) sum += beta * decoded(added.data() + place, number_of(p.d->type));
        if (biased) sum += decoded(bias.data() + static_cast<size_t>(row) * size_of(p.d->type), number_of(p.d->type));
        encode(sum, result.data() + place, number_of(p.d->type));
      }
    work.write(item(d, *p.d, i), result);
  }
}

bool aligned(const void* data, uint64_t to) { return reinterpret_cast<uintptr_t>(data) % to == 0; }

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT size_t cublasLtGetVersion() { return 130102; }

EXPORT LtStatus cublasLtCreate(LtHandle* handle) { return create<Handle>(handle, {}); }

EXPORT LtStatus cublasLtMatrixLayoutCreate(LtLayout* layout, LtType type, uint64_t rows, uint64_t columns, int64_t ld) {
  return create<Layout>(layout, {type, static_cast<int64_t>(rows), static_cast<int64_t>(columns), ld});
}
EXPORT LtStatus cublasLtMatrixLayoutSetAttribute(LtLayout layout, LtLayoutAttribute attribute, const void* value,
                                                 size_t bytes) {
  Layout* l = known<Layout>(layout);
  if (!l) return LtStatus::invalid_value;
  switch (attribute) {
    case LtLayoutAttribute::batch_count: return store(l->batch, value, bytes);
    case LtLayoutAttribute::batch_step: return store(l->step, value, bytes);
  }
  return LtStatus::invalid_value;
}
EXPORT LtStatus cublasLtMatrixLayoutDestroy(LtLayout layout) { return destroy<Layout>(layout); }

EXPORT LtStatus cublasLtMatmulDescCreate(LtOperation* operation, LtCompute compute, LtType scale) {
  return create<Operation>(operation, {compute, scale});
}
EXPORT LtStatus cublasLtMatmulDescSetAttribute(LtOperation operation, LtOperationAttribute attribute, const void* value,
                                               size_t bytes) {
  Operation* o = known<Operation>(operation);
  if (!o) return LtStatus::invalid_value;
  switch (attribute) {
    case LtOperationAttribute::transpose_a: return store(o->transpose_a, value, bytes);
    case LtOperationAttribute::transpose_b: return store(o->transpose_b, value, bytes);
    case LtOperationAttribute::epilogue: return store(o->epilogue, value, bytes);
    case LtOperationAttribute::bias: return store(o->bias, value, bytes);
  }
  return LtStatus::invalid_value;
}
EXPORT LtStatus cublasLtMatmulDescDestroy(LtOperation operation) { return destroy<Operation>(operation); }

EXPORT LtStatus cublasLtMatmulPreferenceCreate(LtPreference* preference) { return create<Preference>(preference, {}); }
EXPORT LtStatus cublasLtMatmulPreferenceSetAttribute(LtPreference preference, LtPreferenceAttribute attribute,
                                                     const void* value, size_t bytes) {
  Preference* p = known<Preference>(preference);
  if (!p) return LtStatus::invalid_value;
  switch (attribute) {
    case LtPreferenceAttribute::workspace: return store(p->workspace, value, bytes);
    case LtPreferenceAttribute::reduction_scheme: return store(p->reduction_scheme, value, bytes);
    case LtPreferenceAttribute::align_a: return store(p->align[0], value, bytes);
    case LtPreferenceAttribute::align_b: return store(p->align[1], value, bytes);
    case LtPreferenceAttribute::align_c: return store(p->align[2], value, bytes);
    case LtPreferenceAttribute::align_d: return store(p->align[3], value, bytes);
  }
  return LtStatus::invalid_value;
}
EXPORT LtStatus cublasLtMatmulPreferenceDestroy(LtPreference preference) { return destroy<Preference>(preference); }

EXPORT LtStatus cublasLtMatmulAlgoGetHeuristic(LtHandle handle, LtOperation operation, LtLayout a, LtLayout b,
                                               LtLayout c, LtLayout d, LtPreference preference, int asked,
                                               LtHeuristic* results, int* found) {
  const Preference* wish = known<Preference>(preference);
  if (!known<Handle>(handle)) return LtStatus::not_initialized;
  if (!wish || asked <= 0 || !results || !found) return refused("a heuristic was asked for with invalid arguments");
  Product p;
  if (const LtStatus status = read_product(operation, a, b, c, d, &p); status != LtStatus::success) return status;
  if (p.d->type != LtType::f32 && p.d->type != LtType::f64 && wish->reduction_scheme != kLtReduceInComputeType)
    return refused("parts of k may be summed in 16 bits");
  for (uint32_t align : wish->align)
    if (!std::has_single_bit(align)) return refused("an alignment that is no power of two");
  *found = 0;
  if (planted("heuristic", p)) return LtStatus::not_supported;
  for (size_t i = 0; i < std::size(kWorkspaces) && *found < asked; i++) {
    if (kWorkspaces[i] > wish->workspace) continue;
    LtHeuristic result{};
    result.algorithm.data[0] = kMagic;
    result.algorithm.data[1] = i;
    result.algorithm.data[2] = fingerprint(p);
    for (size_t j = 0; j < 4; j++) result.algorithm.data[3 + j] = wish->align[j];
    result.workspace = kWorkspaces[i];
    results[(*found)++] = result;
  }
  return LtStatus::success;
}

EXPORT LtStatus cublasLtMatmul(LtHandle handle, LtOperation operation, const void* alpha, const void* a,
                               LtLayout a_layout, const void* b, LtLayout b_layout, const void* beta, const void* c,
                               LtLayout c_layout, void* d, LtLayout d_layout, const LtAlgorithm* algorithm,
                               void* workspace, size_t bytes, CUstream stream) {
  if (!known<Handle>(handle)) return LtStatus::not_initialized;
  if (!alpha || !beta || !a || !b || !c || !d || !algorithm) return refused("matmul: a pointer is missing");
  Product p;
  if (const LtStatus status = read_product(operation, a_layout, b_layout, c_layout, d_layout, &p);
      status != LtStatus::success)
    return status;
  const uint64_t* about = algorithm->data;
  if (about[0] != kMagic || about[1] >= std::size(kWorkspaces)) return refused("matmul: an algorithm that is none");
  if (about[2] != fingerprint(p)) return refused("matmul: an algorithm of another product");
  if (bytes < kWorkspaces[about[1]] || (bytes && (!workspace || !aligned(workspace, 256))))
    return refused("matmul: too little work memory, or not at a multiple of 256 bytes");
  const void* operands[] = {a, b, c, d};
  for (size_t i = 0; i < 4; i++)
    if (!aligned(operands[i], about[3 + i])) return refused("matmul: an operand is less aligned than was promised");
  if (planted("matmul", p)) return LtStatus::execution_failed;

  DeviceWork work(stream);
  if (!standin::driver().complete) return LtStatus::not_initialized;
  if (work.recorded())
    return refused("this stand-in computes on the host, so it cannot be recorded", LtStatus::not_supported);
  for (int i = 0; bytes && i < 8; i++) work.scribble(workspace, bytes);
  const auto number = [&](const void* x) { return decoded(static_cast<const std::byte*>(x), number_of(p.op->scale)); };
  multiply(work, p, number(alpha), a, b, number(beta), c, d);
  return work.good() ? LtStatus::success : LtStatus::execution_failed;
}
