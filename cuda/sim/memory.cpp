// The address map: where allocations lie, how freed ones are remembered, and what is said about an address that is nobody's.
#include "memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace sinter::sim {

namespace {

constexpr uint64_t kAlignment = 512;        // of every device address, as on real cards (their promise is 256)
constexpr uint64_t kRemembered = 1u << 16;  // freed allocations that are still known

uint64_t aligned(uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

std::string hex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string counted(uint64_t bytes) { return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes"); }

// Bytes of its own mapping: fresh pages cost nothing until they are filled, and go back to the system at once.
std::byte* map_bytes(uint64_t bytes) {
  void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) return nullptr;
  std::memset(data, kFresh, bytes);
  return static_cast<std::byte*>(data);
}

}  // namespace

AddressSpace::AddressSpace() {
  // As much as the process may have: a container or a sanitizer can limit address space.
  for (uint64_t bytes = 1ull << 40; bytes >= 1ull << 32; bytes >>= 1) {
    void* region = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) continue;
    base_ = aligned(reinterpret_cast<uint64_t>(region));
    reserved_ = bytes;
    return;
  }
  throw std::runtime_error("cudasim: 4 GiB of address space could not be reserved");
}

AddressSpace::~AddressSpace() {
  for (auto& [address, allocation] : all_)
    if (allocation->kind != Allocation::Kind::kRegistered && allocation->data)
      munmap(allocation->data, allocation->bytes);
  munmap(reinterpret_cast<void*>(base_), reserved_);
}

// The next gap behind the last allocation that [bytes] and a guard fit in; from the start again when the region has been used up.
uint64_t AddressSpace::place(uint64_t bytes) {
  const uint64_t need = aligned(bytes) + kAlignment;
  if (need > reserved_) return 0;
  for (int round = 0; round < 2; ++round, cursor_ = 0) {
    while (cursor_ + need <= reserved_) {
      const uint64_t address = base_ + cursor_;
      auto next = all_.lower_bound(address);
      while (next != all_.end() && next->first < address + need && next->second->state == Allocation::State::kFreed)
        next = all_.erase(next);
      if (next == all_.end() || next->first >= address + need) {
        cursor_ += need;
        return address;
      }
      cursor_ = aligned(next->second->end()) + kAlignment - base_;
    }
  }
  return 0;
}

Allocation* AddressSpace::add(std::unique_ptr<Allocation> allocation) {
  allocation->id = next_id_++;
  if (allocation->what.empty()) {
    const char* kind = allocation->device >= 0                             ? "allocation "
                       : allocation->kind == Allocation::Kind::kRegistered ? "registered memory "
                                                                           : "pinned memory ";
    allocation->what = kind + std::to_string(allocation->id);
  }
  // What the host writes to pinned memory is not seen, so only device memory is watched.
  if (track_ && allocation->device >= 0) allocation->written.assign(allocation->bytes, 0);
  const uint64_t address = allocation->address;
  return (all_[address] = std::move(allocation)).get();
}

Allocation* AddressSpace::allocate(int device, uint64_t bytes, Allocation::Kind kind, std::string what) {
  const uint64_t address = place(bytes);
  std::byte* data = address ? map_bytes(bytes) : nullptr;
  if (!data) return nullptr;
  auto made = std::make_unique<Allocation>();
  made->address = address;
  made->bytes = bytes;
  made->data = data;
  made->device = device;
  made->kind = kind;
  made->what = std::move(what);
  return add(std::move(made));
}

Allocation* AddressSpace::allocate_host(uint64_t bytes) {
  std::byte* data = map_bytes(bytes);
  if (!data) return nullptr;
  Allocation* made = register_host(data, bytes);
  made->kind = Allocation::Kind::kHost;
  made->what = "pinned memory " + std::to_string(made->id);
  return made;
}

Allocation* AddressSpace::register_host(void* data, uint64_t bytes) {
  auto made = std::make_unique<Allocation>();
  made->address = reinterpret_cast<uint64_t>(data);
  made->bytes = bytes;
  made->data = static_cast<std::byte*>(data);
  made->device = -1;
  made->kind = Allocation::Kind::kRegistered;
  return add(std::move(made));
}

void AddressSpace::free(Allocation& allocation) {
  if (allocation.kind != Allocation::Kind::kRegistered && allocation.data) munmap(allocation.data, allocation.bytes);
  if (allocation.device < 0) {
    all_.erase(allocation.address);
    return;
  }
  allocation.data = nullptr;
  allocation.state = Allocation::State::kFreed;
  allocation.written = {};
  freed_.push_back(allocation.address);
  forget_oldest();
}

void AddressSpace::forget_oldest() {
  while (freed_.size() > kRemembered) {
    const auto found = all_.find(freed_.front());
    if (found != all_.end() && found->second->state == Allocation::State::kFreed) all_.erase(found);
    freed_.pop_front();
  }
}

Allocation* AddressSpace::before(uint64_t address) const {
  const auto next = all_.upper_bound(address);
  return next == all_.begin() ? nullptr : std::prev(next)->second.get();
}

Allocation* AddressSpace::after(uint64_t address) const {
  const auto next = all_.upper_bound(address);
  return next == all_.end() ? nullptr : next->second.get();
}

Allocation* AddressSpace::find(uint64_t address) const {
  Allocation* found = before(address);
  return found && address - found->address < found->bytes ? found : nullptr;
}

void AddressSpace::mark_written(Allocation& allocation, uint64_t address, uint64_t bytes) {
  if (!allocation.written.empty()) std::memset(allocation.written.data() + (address - allocation.address), 1, bytes);
}

void AddressSpace::copy_written(Allocation& target, uint64_t to, const Allocation* source, uint64_t from,
                                uint64_t bytes) {
  if (!source || source->written.empty() || target.written.empty()) return mark_written(target, to, bytes);
  std::memmove(target.written.data() + (to - target.address), source->written.data() + (from - source->address), bytes);
}

Allocation* Memory::reach(uint64_t address, uint64_t bytes) const {
  Allocation* found = space_.find(address);
  if (!found || found->state != Allocation::State::kLive || bytes > found->end() - address || !reaches(*found))
    return nullptr;
  return found;
}

std::string Memory::explain(uint64_t address, uint64_t bytes) const {
  std::string text = counted(bytes) + " at " + hex(address);
  const auto owner = [](const Allocation& it) { return it.what + " (" + counted(it.bytes) + ")"; };
  if (const Allocation* found = space_.find(address)) {
    if (found->state == Allocation::State::kFreed) return text + ", in " + owner(*found) + ", which was freed";
    if (found->state == Allocation::State::kPending)
      return text + ", in " + owner(*found) + ", which its stream has not allocated yet";
    if (!reaches(*found))
      return text + ", in " + owner(*found) + " of device " + std::to_string(found->device) +
             ", to which peer access is not enabled";
    if (bytes > found->end() - address)
      return text + ", of which " + counted(bytes - (found->end() - address)) + " lie past the end of " + owner(*found);
    return text + ", in " + owner(*found);
  }
  if (address < 4096) return text + ", a null pointer";
  const Allocation *low = space_.before(address), *high = space_.after(address);
  // Far from everything: naming the nearest allocation would only mislead.
  constexpr uint64_t kNear = 1u << 24;
  if (high && high->address - address > kNear) high = nullptr;
  if (low && address - low->end() > kNear) low = nullptr;
  if (low && (!high || address - low->end() < high->address - address))
    return text + ", " + counted(address - low->end()) + " past the end of " + owner(*low) +
           (low->state == Allocation::State::kFreed ? ", which was freed" : "");
  if (high) return text + ", " + counted(high->address - address) + " before " + owner(*high);
  return text +
         (space_.is_device_address(address) ? ", where nothing was allocated" : ", which is no address of the device");
}

}  // namespace sinter::sim
