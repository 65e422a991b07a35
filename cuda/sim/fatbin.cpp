// The fatbin container, as `fatbinary` of CUDA 13.0 writes it (read from its output; the wrapper from fatbinary_section.h).
//
//   container   u32 0xBA55ED50, u16 1, u16 size of this head (16), u64 bytes that follow
//   entry       u16 kind (1 PTX, 2 ELF), u16 0x101, u32 size of this head, u64 bytes of payload,
//               u32 compressed size or 0, u32, u16 minor, u16 major, u32 architecture (80), ..., then the payload
#include "fatbin.h"

#include <cstdint>
#include <cstring>

namespace sinter::sim::driver {

namespace {

constexpr uint32_t kContainer = 0xBA55ED50, kWrapper = 0x466243B1, kElf = 0x464C457F;
constexpr uint16_t kPtxEntry = 1;

template <class T>
T read(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// The number behind a directive of the head: ".version 8.5", ".target sm_90a".
bool directive(std::string_view ptx, std::string_view name, std::string_view& rest) {
  for (size_t at = ptx.find(name); at != std::string_view::npos; at = ptx.find(name, at + 1)) {
    const size_t line = ptx.rfind('\n', at);
    const std::string_view before = ptx.substr(line + 1, at - line - 1);
    if (before.find("//") != std::string_view::npos) continue;
    rest = ptx.substr(at + name.size());
    return true;
  }
  return false;
}

int digits(std::string_view& text) {
  int value = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    value = 10 * value + (text[0] - '0');
    text.remove_prefix(1);
  }
  return value;
}

// Which of two that both run is nearer to the device.
bool better(const PtxHead& a, const PtxHead& b) {
  return a.target != b.target ? a.target > b.target : a.suffix == 'a' && b.suffix != 'a';
}

}  // namespace

bool read_head(std::string_view ptx, PtxHead& head) {
  std::string_view rest;
  if (!directive(ptx, ".version", rest)) return false;
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  const int major = digits(rest);
  if (rest.empty() || rest[0] != '.') return false;
  rest.remove_prefix(1);
  head.version = 10 * major + digits(rest);
  if (!directive(ptx, ".target", rest)) return false;
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  if (!rest.starts_with("sm_")) return false;
  rest.remove_prefix(3);
  head.target = digits(rest);
  head.suffix = !rest.empty() && (rest[0] == 'a' || rest[0] == 'f') ? rest[0] : '\0';
  return head.target > 0;
}

bool runs_on(const PtxHead& head, int capability) {
  if (head.suffix == 'a') return head.target == capability;
  if (head.suffix == 'f') return head.target / 10 == capability / 10 && head.target <= capability;
  return head.target <= capability;
}

Found find_ptx(const void* image, int capability, std::string_view& ptx) {
  const char* data = static_cast<const char*>(image);
  const uint32_t magic = read<uint32_t>(data);
  if (magic == kWrapper) return find_ptx(read<const char*>(data + 8), capability, ptx);
  if (magic == kElf) return Found::kBinaryOnly;
  if (magic != kContainer) {
    ptx = data;
    PtxHead head;
    if (!read_head(ptx, head)) return Found::kNothing;
    return runs_on(head, capability) ? Found::kPtx : Found::kNoDevice;
  }
  const char* at = data + read<uint16_t>(data + 6);
  const char* end = at + read<uint64_t>(data + 8);
  Found found = Found::kBinaryOnly;
  PtxHead best;
  while (at + 64 <= end) {
    const uint32_t head_bytes = read<uint32_t>(at + 4);
    const uint64_t bytes = read<uint64_t>(at + 8);
    if (head_bytes < 64 || head_bytes + bytes > static_cast<uint64_t>(end - at)) return Found::kNothing;
    if (read<uint16_t>(at) == kPtxEntry) {
      if (read<uint32_t>(at + 16) != 0) {
        if (found != Found::kPtx) found = Found::kCompressed;
      } else {
        // The payload is padded with zeros.
        std::string_view text(at + head_bytes, bytes);
        text = text.substr(0, text.find('\0'));
        PtxHead head;
        if (!read_head(text, head)) return Found::kNothing;
        if (runs_on(head, capability)) {
          if (found != Found::kPtx || better(head, best)) ptx = text, best = head;
          found = Found::kPtx;
        } else if (found == Found::kBinaryOnly) {
          found = Found::kNoDevice;
        }
      }
    }
    at += head_bytes + bytes;
  }
  return found;
}

}  // namespace sinter::sim::driver
