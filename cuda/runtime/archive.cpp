#include "cuda/runtime/archive.h"

#include <cstring>
#include <new>

#include "engine/error.h"

namespace sinter::cuda {

namespace {

constexpr std::align_val_t kAlignment{64};
constexpr char kMagic[8] = {'S', 'I', 'N', 'T', 'E', 'R', 'K', '1'};
struct Header {
  char magic[8];
  uint32_t count, partial;
};

std::span<const Archive> list;  // constant-initialised: set by an initialiser of another file

}  // namespace

struct UnpackedArchive::Entry {
  char name[40];
  uint32_t architecture;  // 80, 86, ...; 0: PTX
  uint32_t exact;         // 1: for this compute capability alone
  uint64_t offset, bytes;
};

Archives::Archives(std::span<const Archive> all) { list = all; }
std::span<const Archive> archives() { return list; }

void UnpackedArchive::Free::operator()(std::byte* p) const { ::operator delete[](p, kAlignment); }

UnpackedArchive::UnpackedArchive(std::span<const std::byte> bytes) {
  const auto wrong = [] { fail(ErrorCode::internal, "the archive of CUDA kernels is damaged: install sinter again"); };
  Header header;
  if (bytes.size() < sizeof header) wrong();
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 ||
      header.count > (bytes.size() - sizeof header) / sizeof(Entry))
    wrong();
  bytes_.reset(static_cast<std::byte*>(::operator new[](bytes.size(), kAlignment)));
  std::memcpy(bytes_.get(), bytes.data(), bytes.size());
  count_ = header.count;
  partial_ = header.partial != 0;
  for (const Entry& e : entries())
    if (e.offset > bytes.size() || e.bytes > bytes.size() - e.offset || !std::memchr(e.name, 0, sizeof e.name)) wrong();
}

std::span<const UnpackedArchive::Entry> UnpackedArchive::entries() const {
  return {reinterpret_cast<const Entry*>(bytes_.get() + sizeof(Header)), count_};
}
const void* UnpackedArchive::code(const Entry& entry) const { return bytes_.get() + entry.offset; }

bool UnpackedArchive::runs_on(const Entry& e, int capability) {
  const int architecture = static_cast<int>(e.architecture);
  return e.exact ? architecture == capability : architecture / 10 == capability / 10 && architecture <= capability;
}

const void* UnpackedArchive::find(std::string_view image, int capability) const {
  const Entry* best = nullptr;
  for (const Entry& e : entries())
    if (image == e.name && (e.architecture == 0 || runs_on(e, capability)) &&
        (!best || e.architecture > best->architecture))
      best = &e;
  return best ? code(*best) : nullptr;
}

const void* UnpackedArchive::sample(int capability) const {
  for (const Entry& e : entries())
    if (e.architecture != 0 && runs_on(e, capability)) return code(e);
  return nullptr;
}

}  // namespace sinter::cuda
