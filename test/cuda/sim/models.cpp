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

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto number = [&](size_t i) { return i < arguments.size() ? std::atoi(arguments[i].c_str()) : 0; };
  try {
    const std::string& what = arguments.at(0);
    if (what == "mma") {
      write_words(run_mma(read_words(), arguments.at(1), static_cast<uint32_t>(number(2))));
    } else {
      throw std::invalid_argument("no such model: " + what);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
