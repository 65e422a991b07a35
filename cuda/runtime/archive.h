// The device code of a build for users. Place in the whole: all kernels' machine code of one generation of cards is one archive, and their
// PTX another, packed by scripts/pack-kernels.mjs; lib/engine/kernels.ts unpacks the one that a device needs, as Node has the unpacker
// (Brotli), before a stream of the device opens. Packed file by file, as a fatbinary does it, the same code takes half as much again.
//
// A test module has no archives: its images (image.h) hold PTX text.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace sinter::cuda {

struct Archive {
  // The major compute capability of its machine code, or one of those below.
  int generation;
  const void* data;
  size_t bytes;
};

constexpr int kPtx = 0;    // for all cards that there is no machine code for
constexpr int kTexts = 1;  // what kernels are made of at run time (cuda/kernels/chain), for all cards

// The build's; their definition (cmake/CudaArchives.cpp.in) says what there is.
struct Archives {
  explicit Archives(std::span<const Archive> list);
};
std::span<const Archive> archives();

// An archive's contents: whether it is partial, entries {name, architecture, exact, offset, bytes}, then the code. Written by scripts/pack-kernels.mjs.
class UnpackedArchive {
 public:
  // Copies. Throws Error{internal} for bytes that are no archive.
  explicit UnpackedArchive(std::span<const std::byte> bytes);

  // The code of an image that a device of this compute capability (80, 86, ...) runs best: machine code of the same generation that is
  // not newer, else PTX; null where there is none. PTX ends in a zero byte.
  const void* find(std::string_view image, int capability) const;
  // Some machine code for it, to try the driver with; null where there is none.
  const void* sample(int capability) const;
  // Whether some images have no code here: theirs is the PTX.
  bool partial() const { return partial_; }

 private:
  struct Entry;
  static bool runs_on(const Entry& entry, int capability);
  std::span<const Entry> entries() const;
  const void* code(const Entry& entry) const;

  struct Free {
    void operator()(std::byte* p) const;
  };
  std::unique_ptr<std::byte[], Free> bytes_;
  uint32_t count_ = 0;
  bool partial_ = false;
};

}  // namespace sinter::cuda
