// Runs the models of cuda/sim's matrix and asynchronous instructions on words from stdin, results to stdout; models.test.ts gives
// it what a GPU was given and compares. The layouts of the words are those of test/golden/ptx/README.md.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "../../../cuda/sim/async.h"
#include "../../../cuda/sim/matrix.h"
#include "../../../cuda/sim/model_error.h"
#include "../../../cuda/sim/reduction.h"
#include "../../../cuda/sim/tensor_map.h"

namespace {

using namespace sinter::sim;
using Words = std::vector<uint32_t>;

Words read_words() {
  Words words;
  std::array<uint32_t, 4096> buffer;
  for (size_t got; (got = std::fread(buffer.data(), 4, buffer.size(), stdin)) > 0;)
    words.insert(words.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got));
  return words;
}

void write_words(const Words& words) { std::fwrite(words.data(), 4, words.size(), stdout); }

// Pointers to [count] registers of [lanes] lanes, one after another.
template <class T>
std::vector<T*> registers(T* first, int count, int lanes = 32) {
  std::vector<T*> pointers;
  for (int r = 0; r < count; ++r) pointers.push_back(first + r * lanes);
  return pointers;
}

// MNEMONIC [SELECTOR]: cases of a, b, c and, if sparse, metadata.
Words run_mma(const Words& in, const std::string& mnemonic, uint32_t selector) {
  const Mma op = parse_mma(mnemonic);
  Words out;
  if (op.a == Element::kF64) {
    const size_t per_case = 64 * static_cast<size_t>(op.registers_a + op.registers_b + op.registers_sum);
    for (size_t at = 0; at + per_case <= in.size(); at += per_case) {
      std::vector<uint64_t> x(per_case / 2), y(static_cast<size_t>(op.registers_sum) * 32);
      std::memcpy(x.data(), in.data() + at, per_case * 4);
      const auto all = registers<const uint64_t>(x.data(), op.registers_a + op.registers_b + op.registers_sum);
      mma_f64(op, registers(y.data(), op.registers_sum).data(), all.data(), all.data() + op.registers_a,
              all.data() + op.registers_a + op.registers_b);
      out.resize(out.size() + 2 * y.size());
      std::memcpy(out.data() + out.size() - 2 * y.size(), y.data(), y.size() * 8);
    }
    return out;
  }
  const int count = op.registers_a + op.registers_b + op.registers_sum + op.sparse;
  const size_t per_case = 32 * static_cast<size_t>(count);
  for (size_t at = 0; at + per_case <= in.size(); at += per_case) {
    const auto all = registers<const uint32_t>(in.data() + at, count);
    const auto *a = all.data(), *b = a + op.registers_a, *c = b + op.registers_b;
    Words d(static_cast<size_t>(op.registers_sum) * 32);
    const auto to = registers(d.data(), op.registers_sum);
    if (op.sparse)
      mma_sparse(op, to.data(), a, b, c, all.back(), selector);
    else
      mma(op, to.data(), a, b, c);
    out.insert(out.end(), d.begin(), d.end());
  }
  return out;
}

// MNEMONIC, IMAGE_WORDS, IMAGES, A from registers?, negate A, negate B, transpose A, transpose B.
Words run_wgmma(const Words& in, const std::string& mnemonic, const std::array<int, 7>& options) {
  const Wgmma op = parse_wgmma(mnemonic);
  const auto [image_words, images, from_registers, negate_a, negate_b, transpose_a, transpose_b] = options;
  const size_t sums = 128 * static_cast<size_t>(op.registers_sum);
  const size_t per_case = 16 + (from_registers ? 512 : 0) + (op.sparse ? 128 : 0) + sums;
  Words out;
  for (size_t at = static_cast<size_t>(image_words) * static_cast<size_t>(images); at + per_case <= in.size();
       at += per_case) {
    const uint32_t* header = in.data() + at;
    const uint32_t* rest = header + 16;
    // As if the image began at address 1024 of the block's shared memory.
    const SharedBytes shared{
        reinterpret_cast<const std::byte*>(in.data() + header[6] * static_cast<size_t>(image_words)), 1024,
        static_cast<uint32_t>(image_words) * 4};
    WgmmaOperands operands{.accumulate = header[7] != 0,
                           .negate_a = negate_a != 0,
                           .negate_b = negate_b != 0,
                           .transpose_a = transpose_a != 0,
                           .transpose_b = transpose_b != 0};
    operands.descriptor_a = (header[0] | uint64_t{header[1]} << 32) + ((shared.base + header[4]) >> 4);
    operands.descriptor_b = (header[2] | uint64_t{header[3]} << 32) + ((shared.base + header[5]) >> 4);
    Words d(in.begin() + static_cast<std::ptrdiff_t>(at + per_case - sums),
            in.begin() + static_cast<std::ptrdiff_t>(at + per_case));
    for (int warp = 0; warp < 4; ++warp) {
      const auto a = registers(rest + 32 * warp, 4, 128);
      if (from_registers) operands.a = a.data();
      if (op.sparse) operands.metadata = rest + (from_registers ? 512 : 0) + 32 * warp;
      const auto to = registers(d.data() + 32 * warp, op.registers_sum, 128);
      wgmma(op, warp, to.data(), operands, shared);
    }
    out.insert(out.end(), d.begin(), d.end());
  }
  return out;
}

// As the kernel `ldmatrix`: 512 words of shared memory, then a byte offset a lane and case.
Words run_ldmatrix(const Words& in, int cases) {
  Words out;
  for (int i = 0; i < cases; ++i)
    for (const int count : {1, 2, 4})
      for (const bool transpose : {false, true}) {
        const std::byte* rows[32];
        for (int lane = 0; lane < 32; ++lane)
          rows[lane] = reinterpret_cast<const std::byte*>(in.data()) + in[512 + static_cast<size_t>(32 * i + lane)];
        Words d(static_cast<size_t>(count) * 32);
        ldmatrix(count, transpose, registers(d.data(), count).data(), rows);
        out.insert(out.end(), d.begin(), d.end());
      }
  return out;
}

// COUNT, transpose: cases of a byte offset and four registers; 512 words of shared memory each.
Words run_stmatrix(const Words& in, int count, bool transpose) {
  Words out;
  for (size_t at = 0; at + 160 <= in.size(); at += 160) {
    Words tile(512, 0xEEEEEEEE);
    std::byte* rows[32];
    for (size_t lane = 0; lane < 32; ++lane) rows[lane] = reinterpret_cast<std::byte*>(tile.data()) + in[at + lane];
    stmatrix(count, transpose, rows, registers<const uint32_t>(in.data() + at + 32, count).data());
    out.insert(out.end(), tile.begin(), tile.end());
  }
  return out;
}

// Steps of one thread, "init 3", "arrive 2", "expect_tx 100", ...; after each six words as the kernel mbarrier_states writes them.
Words run_mbarrier(const std::vector<std::string>& steps) {
  uint64_t word = 0;
  Words out;
  for (const std::string& step : steps) {
    const size_t space = step.find(' ');
    const std::string what = step.substr(0, space);
    const uint32_t count = space == std::string::npos ? 1 : static_cast<uint32_t>(std::stoul(step.substr(space)));
    uint64_t state = 0;
    if (what == "init")
      word = mbarrier::init(count);
    else if (what == "arrive")
      state = mbarrier::arrive(word, count);
    else if (what == "arrive.noComplete")
      state = mbarrier::arrive(word, count, true);
    else if (what == "arrive_drop")
      state = mbarrier::arrive_drop(word, count);
    else if (what == "arrive.expect_tx")
      state = mbarrier::arrive_expect_tx(word, count);
    else if (what == "increment")
      mbarrier::increment(word);
    else if (what == "expect_tx")
      mbarrier::expect_tx(word, count);
    else if (what == "complete_tx")
      mbarrier::complete_tx(word, count);
    else
      throw std::invalid_argument("no such step: " + step);
    for (const uint32_t parity : {0, 1, 0}) out.push_back(mbarrier::test_parity(word, parity));
    out.push_back(state && mbarrier::test(word, state));
    out.push_back(state ? mbarrier::pending_count(state) : 0);
    out.push_back(static_cast<uint32_t>(state >> 32));
  }
  return out;
}

// BYTES, VARIANT: a source of 4096 bytes, then cases of source offset, target offset and src-size or predicate of the lanes;
// 256 words of shared memory each. The copies land at their wait.
Words run_cp_async(const Words& in, uint32_t bytes, const std::string& variant) {
  Words out;
  for (size_t at = 1024; at + 96 <= in.size(); at += 96) {
    AsyncCopy copy{.lanes = ~0u, .bytes = bytes};
    for (size_t lane = 0; lane < 32; ++lane) {
      const uint32_t third = in[at + 64 + lane];
      copy.from[lane] = in[at + lane];
      copy.to[lane] = in[at + 32 + lane];
      copy.source_bytes[lane] = static_cast<uint8_t>(variant == "size"              ? third
                                                     : variant == "ignore" && third ? 0
                                                                                    : bytes);
    }
    Words tile(256, 0xEEEEEEEE);
    CopyQueue queue;
    queue.issue(copy);
    queue.commit(~0u);
    queue.commit(~0u);
    const auto land = [&](const AsyncCopy& done, size_t lane) {
      auto* to = reinterpret_cast<std::byte*>(tile.data()) + done.to[lane];
      std::memset(to, 0, done.bytes);
      std::memcpy(to, reinterpret_cast<const std::byte*>(in.data()) + done.from[lane], done.source_bytes[lane]);
    };
    queue.wait_group(~0u, 2, [](const AsyncCopy&, int) { throw std::logic_error("two groups may be pending"); });
    queue.wait_group(0x0F0F, 1, land);
    queue.wait_all(~0u, land);
    if (!queue.empty()) throw std::logic_error("copies are left");
    out.insert(out.end(), tile.begin(), tile.end());
  }
  return out;
}

// COLUMNS "add.noftz.f16", ...: 32 words of operands and of memory each; the memory after.
Words run_reduce(const Words& in, const std::vector<std::string>& columns) {
  Words out;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string& name = columns[i];
    Words memory(in.begin() + static_cast<std::ptrdiff_t>(64 * i + 32),
                 in.begin() + static_cast<std::ptrdiff_t>(64 * i + 64));
    reduce(parse_reduction(name.substr(0, name.find('.')), name.substr(name.rfind('.') + 1)), memory.data(),
           &in[64 * i], 128);
    out.insert(out.end(), memory.begin(), memory.end());
  }
  return out;
}

// The arguments of cuTensorMapEncode*, a word each.
constexpr size_t kMapWords = 37;
TensorMap map_of(const uint32_t* w) {
  TensorMap map;
  const auto next = [&] { return *w++; };
  for (int* field : {&map.type, &map.rank}) *field = static_cast<int>(next());
  map.im2col = next() != 0;
  for (int* field : {&map.interleave, &map.swizzle, &map.promotion, &map.fill}) *field = static_cast<int>(next());
  map.address = next();
  map.address |= uint64_t{next()} << 32;
  for (uint64_t& x : map.dims) x = next();
  for (uint64_t& x : map.strides) x = next();
  for (uint32_t& x : map.box) x = next();
  for (uint32_t& x : map.steps) x = next();
  for (int& x : map.lower) x = static_cast<int>(next());
  for (int& x : map.upper) x = static_cast<int>(next());
  map.channels = next();
  map.pixels = next();
  return map;
}

void encode(const TensorMap& map, void* bytes) {
  if (const std::string why = encode_tensor_map(map, bytes); !why.empty()) throw std::invalid_argument(why);
}

Words run_encode(const Words& in) {
  Words out(32);
  encode(map_of(in.data()), out.data());
  return out;
}

// VERB (load, store or an operation), CASES, DUMP: a map, 8 words of coordinates a case, then what a load's tensor holds, or what
// the box in shared memory holds and what the tensor held. Results as the kernels of family tensor write them.
Words run_tensor(const Words& in, const std::string& verb, size_t cases, size_t dump) {
  uint32_t bytes[32];
  encode(map_of(in.data()), bytes);
  const TensorMap map = decode_tensor_map(bytes);
  const uint32_t* coordinates = in.data() + kMapWords;
  const bool load = verb == "load";
  const uint32_t base = 1024;
  Words tensor(in.begin() + static_cast<std::ptrdiff_t>(kMapWords + 8 * cases + (load ? 0 : dump)), in.end()), out;
  const auto global = [&](const TilePiece& piece) {
    const uint64_t at = piece.global - map.address;
    if (at + piece.bytes > 4 * tensor.size()) throw std::logic_error("a piece is outside of the tensor");
    return reinterpret_cast<std::byte*>(tensor.data()) + at;
  };
  for (size_t i = 0; i < cases; ++i) {
    uint16_t offsets[3];
    for (int j = 0; j < map.rank - 2; ++j)
      offsets[j] = static_cast<uint16_t>(coordinates[8 * i + static_cast<size_t>(map.rank + j)]);
    Words tile(dump, 0xEEEEEEEE);
    if (!load) std::memcpy(tile.data(), coordinates + 8 * cases, 4 * dump);
    const auto access = load ? TileAccess::kLoad : verb == "store" ? TileAccess::kStore : TileAccess::kReduce;
    const auto shared = [&](const TilePiece& piece) {
      return reinterpret_cast<std::byte*>(tile.data()) + (piece.shared - base);
    };
    const uint32_t moved =
        for_each_piece(map, access, reinterpret_cast<const int32_t*>(coordinates + 8 * i),
                       map.im2col ? offsets : nullptr, base, [&](const TilePiece& piece) {
                         if (!piece.inside) {
                           if (load) fill_outside(map, shared(piece), piece.bytes);
                         } else if (load) {
                           std::memcpy(shared(piece), global(piece), piece.bytes);
                         } else if (access == TileAccess::kStore) {
                           std::memcpy(global(piece), shared(piece), piece.bytes);
                         } else {
                           reduce(reduction_of_map(verb, map.type), global(piece), shared(piece), piece.bytes);
                         }
                       });
    if (!load) continue;
    out.insert(out.end(), tile.begin(), tile.end());
    out.push_back(moved);
  }
  return load ? out : tensor;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto number = [&](size_t i) { return i < arguments.size() ? std::atoi(arguments[i].c_str()) : 0; };
  try {
    const std::string& what = arguments.at(0);
    if (what == "mma") {
      write_words(run_mma(read_words(), arguments.at(1), static_cast<uint32_t>(number(2))));
    } else if (what == "wgmma") {
      write_words(run_wgmma(read_words(), arguments.at(1),
                            {number(2), number(3), number(4), number(5), number(6), number(7), number(8)}));
    } else if (what == "ldmatrix") {
      write_words(run_ldmatrix(read_words(), number(1)));
    } else if (what == "stmatrix") {
      write_words(run_stmatrix(read_words(), number(1), number(2) != 0));
    } else if (what == "movmatrix") {
      const Words in = read_words();
      Words out(32);
      movmatrix(out.data(), in.data());
      write_words(out);
    } else if (what == "mbarrier") {
      write_words(run_mbarrier({arguments.begin() + 1, arguments.end()}));
    } else if (what == "cp_async") {
      write_words(run_cp_async(read_words(), static_cast<uint32_t>(number(1)), arguments.at(2)));
    } else if (what == "reduce") {
      write_words(run_reduce(read_words(), {arguments.begin() + 1, arguments.end()}));
    } else if (what == "encode") {
      write_words(run_encode(read_words()));
    } else if (what == "tensor") {
      write_words(
          run_tensor(read_words(), arguments.at(1), static_cast<size_t>(number(2)), static_cast<size_t>(number(3))));
    } else {
      throw std::invalid_argument("no such model: " + what);
    }
  } catch (const ModelError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 10 + static_cast<int>(error.kind);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
