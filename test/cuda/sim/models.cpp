// Runs the models of cuda/sim's matrix and asynchronous instructions on words from stdin, results to stdout; models.test.ts gives
// it what a GPU was given and compares. The layouts of the words are those of test/golden/ptx/README.md.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "../../../cuda/sim/matrix.h"

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
    } else {
      throw std::invalid_argument("no such model: " + what);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
