// The memory of the simulated devices. Place in the whole: the driver's calls allocate, free and copy through it (driver_*.cpp),
// and the executor turns the addresses of loads and stores into bytes with it.
//
// A device address is an address of a region that this process has reserved and never opened (PROT_NONE), so that nothing else
// lives there and host code which dereferences a device pointer crashes, as it would with a real card. The bytes of an
// allocation lie elsewhere, at Allocation::data. Host memory that the driver pinned has its own address on both sides.
//
// An address is not given out again until the whole region has been used up: what touches freed memory is found out.
//
// No locks: the driver holds its own around every call. While a launch executes, nothing is added, removed or moved, so the
// executor's workers may look up at will and may keep an Allocation* until the launch ends.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sinter::sim {

// Unwritten bytes: NaN in every float type, -1 in every signed integer.
inline constexpr unsigned char kFresh = 0xFF;

struct Allocation {
  enum class State : uint8_t {
    kPending,  // cuMemAllocAsync has returned the address, its stream has not come that far
    kLive,
    kFreed,  // the bytes are gone: data is null
  };
  enum class Kind : uint8_t { kDevice, kPooled, kModule, kHost, kRegistered };

  uint64_t address = 0;
  uint64_t bytes = 0;
  std::byte* data = nullptr;
  int device = 0;  // -1 for host memory
  uint64_t id = 0;
  Kind kind = Kind::kDevice;
  State state = State::kLive;
  bool read_only = false;        // a module's .const variables
  uint32_t peers = 0;            // kPooled: devices besides its own that the pool lets at it, a bit each
  std::string what;              // "allocation 12", "pinned memory 3", "variable lut of module 2"
  std::vector<uint8_t> written;  // 1 for each byte that something was stored to; empty where nobody keeps track

  uint64_t end() const { return address + bytes; }
  std::byte* at(uint64_t where) const { return data + (where - address); }
};

// All addresses of the process: those of every device and of pinned host memory.
class AddressSpace {
 public:
  AddressSpace();
  ~AddressSpace();
  AddressSpace(const AddressSpace&) = delete;
  AddressSpace& operator=(const AddressSpace&) = delete;

  // Memory of [device], filled with kFresh. Null where the host has no room for it. [bytes] may not be 0.
  Allocation* allocate(int device, uint64_t bytes, Allocation::Kind kind, std::string what = {});
  // Host memory that devices reach at its own address: allocated here (page-aligned, filled with kFresh), or registered.
  Allocation* allocate_host(uint64_t bytes);
  Allocation* register_host(void* data, uint64_t bytes);
  // Device memory stays known as freed; host memory is forgotten, as its address may be used again by anybody.
  void free(Allocation& allocation);

  // The allocation of any device, in any state, which [address] lies in, or null.
  Allocation* find(uint64_t address) const;
  // The last one that begins at or before [address], and the first behind it; for messages.
  Allocation* before(uint64_t address) const;
  Allocation* after(uint64_t address) const;

  // Whether allocations made from now on remember which bytes were stored to.
  void track_written(bool on) { track_ = on; }
  static void mark_written(Allocation& allocation, uint64_t address, uint64_t bytes);
  // A copy of bytes that nothing was stored to is no store. [source] is null where that is host memory.
  static void copy_written(Allocation& target, uint64_t to, const Allocation* source, uint64_t from, uint64_t bytes);

  // Does [address] lie in the region of device addresses, allocated or not?
  bool is_device_address(uint64_t address) const { return address - base_ < reserved_; }
  const std::map<uint64_t, std::unique_ptr<Allocation>>& all() const { return all_; }

 private:
  uint64_t place(uint64_t bytes);
  Allocation* add(std::unique_ptr<Allocation> allocation);
  void forget_oldest();

  uint64_t base_ = 0, reserved_ = 0, cursor_ = 0;
  uint64_t next_id_ = 1;
  bool track_ = false;
  std::map<uint64_t, std::unique_ptr<Allocation>> all_;
  std::deque<uint64_t> freed_;  // addresses, oldest first
};

// What kernels on one device can reach: its own memory, pinned host memory, and peers' memory once access is enabled.
class Memory {
 public:
  Memory(AddressSpace& space, int device) : space_(space), device_(device) {}

  AddressSpace& space() const { return space_; }
  int device() const { return device_; }
  void allow_peer(int device, bool on) { peers_ = on ? peers_ | 1u << device : peers_ & ~(1u << device); }
  bool reaches(const Allocation& allocation) const {
    if (allocation.device < 0 || allocation.device == device_) return true;
    if (allocation.kind == Allocation::Kind::kPooled) return (allocation.peers >> device_ & 1) != 0;
    return (peers_ >> allocation.device & 1) != 0;
  }

  // The live allocation which all of [address, address + bytes) lies in and this device reaches; null: an illegal address.
  Allocation* reach(uint64_t address, uint64_t bytes) const;
  std::byte* translate(uint64_t address, uint64_t bytes) const {
    Allocation* found = reach(address, bytes);
    return found ? found->at(address) : nullptr;
  }
  // Why reach() gave null: "4 bytes at 0x7f..., 8 bytes past the end of allocation 12 (400 bytes)".
  std::string explain(uint64_t address, uint64_t bytes) const;

 private:
  AddressSpace& space_;
  int device_;
  uint32_t peers_ = 0;
};

}  // namespace sinter::sim
