// Counting of sectors and wavefronts, and the profile's JSON.
#include "profile.h"

#include <algorithm>
#include <array>

#include "access.h"

namespace sinter::sim {

namespace {

constexpr uint64_t kSector = 32;

// Bytes that at least one lane asks for, and the sectors that they are in.
void count_global(const uint64_t* addresses, uint32_t mask, uint32_t bytes, Traffic& traffic) {
  std::vector<uint64_t> starts;
  for (uint32_t rest = mask; rest; rest &= rest - 1) starts.push_back(addresses[std::countr_zero(rest)]);
  std::sort(starts.begin(), starts.end());
  uint64_t wanted = 0, sectors = 0, byte_end = 0, next_sector = 0;
  for (const uint64_t start : starts) {
    const uint64_t end = start + bytes;
    if (end > byte_end) wanted += end - std::max(start, byte_end);
    byte_end = std::max(byte_end, end);
    for (uint64_t sector = std::max(start / kSector, next_sector); sector <= (end - 1) / kSector; ++sector) {
      ++sectors;
      next_sector = sector + 1;
    }
  }
  ++traffic.requests;
  traffic.sectors += sectors;
  traffic.ideal_sectors += (wanted + kSector - 1) / kSector;
}

// 128 bytes at a time: all lanes with 4 bytes each, half with 8, a quarter with 16. Lanes that want the same word share it.
void count_shared(const uint64_t* addresses, uint32_t mask, uint32_t bytes, Traffic& traffic) {
  const uint32_t lanes = bytes <= 4 ? 32 : bytes == 8 ? 16 : 8;
  ++traffic.requests;
  for (uint32_t first = 0; first < 32; first += lanes) {
    std::vector<uint64_t> words;
    for (uint32_t lane = first; lane < first + lanes; ++lane)
      if (mask >> lane & 1)
        for (uint64_t word = addresses[lane] / 4; word <= (addresses[lane] + bytes - 1) / 4; ++word)
          words.push_back(word);
    if (words.empty()) continue;
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    std::array<uint32_t, 32> banks{};
    uint32_t most = 0;
    for (const uint64_t word : words) most = std::max(most, ++banks[word % 32]);
    traffic.wavefronts += most;
    traffic.ideal_wavefronts += (words.size() + 31) / 32;
  }
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

void add(Traffic& into, const Traffic& it) {
  into.requests += it.requests;
  into.sectors += it.sectors;
  into.ideal_sectors += it.ideal_sectors;
  into.wavefronts += it.wavefronts;
  into.ideal_wavefronts += it.ideal_wavefronts;
}

std::string field(const char* name, uint64_t value) { return quoted(name) + ":" + std::to_string(value); }

std::string fields(const Traffic& it) {
  return field("sectors", it.sectors) + "," + field("idealSectors", it.ideal_sectors) + "," +
         field("wavefronts", it.wavefronts) + "," + field("idealWavefronts", it.ideal_wavefronts);
}

}  // namespace

void Profile::access(Warp& warp, const Instruction& in, Where where, const uint64_t* addresses, uint32_t mask,
                     uint32_t bytes) {
  Traffic& traffic = warp.worker->traffic[static_cast<size_t>(&in - warp.run->code.instructions.data())];
  if (where == Where::kGeneric && mask) {
    const uint64_t window = addresses[std::countr_zero(mask)] & ~kWindowMask;
    where = window == 0 ? Where::kGlobal : window == kSharedWindow ? Where::kShared : Where::kLocal;
  }
  if (where == Where::kGlobal) count_global(addresses, mask, bytes, traffic);
  if (where == Where::kShared) count_shared(addresses, mask, bytes, traffic);
}

Profile::Kernel& Profile::kernel_of(const Run& run) {
  Kernel& kernel = kernels_[run.function.name];
  // Another module may have a kernel of the same name: the last one's code counts.
  if (kernel.counts.size() != run.code.instructions.size()) {
    kernel.files = run.program.files;
    kernel.origins = run.code.origins;
    kernel.counts.assign(run.code.instructions.size(), 0);
    kernel.traffic.assign(run.code.instructions.size(), {});
  }
  return kernel;
}

void Profile::launched(const Run& run) {
  const std::lock_guard guard(lock_);
  ++kernel_of(run).launches;
}

void Profile::add_counts(const Run& run, const Worker& worker) {
  const std::lock_guard guard(lock_);
  Kernel& kernel = kernel_of(run);
  for (size_t i = 0; i < kernel.counts.size(); ++i) {
    kernel.counts[i] += worker.counts[i];
    add(kernel.traffic[i], worker.traffic[i]);
  }
}

void Profile::reset() {
  const std::lock_guard guard(lock_);
  kernels_.clear();
}

std::string Profile::json() const {
  const std::lock_guard guard(lock_);
  std::string text = "{\"kernels\":{";
  const char* comma = "\n";
  for (const auto& [name, kernel] : kernels_) {
    struct Line {
      uint64_t executed = 0, reached = 0, instructions = 0;
      Traffic traffic;
    };
    std::map<std::pair<uint32_t, uint32_t>, Line> lines;
    uint64_t executed = 0, reached = 0, mma = 0, ldmatrix = 0, copies = 0, global_requests = 0, shared_requests = 0;
    Traffic total;
    for (size_t i = 0; i < kernel.counts.size(); ++i) {
      const Origin& origin = kernel.origins[i];
      const uint64_t count = kernel.counts[i];
      executed += count;
      reached += count != 0;
      const auto is = [&](const char* begin) { return origin.mnemonic.rfind(begin, 0) == 0 ? count : 0; };
      mma += is("mma.") + is("wgmma.mma");
      ldmatrix += is("ldmatrix.");
      copies += is("cp.async.ca") + is("cp.async.cg");
      const Traffic& traffic = kernel.traffic[i];
      add(total, traffic);
      (traffic.sectors ? global_requests : shared_requests) += traffic.requests;
      Line& line = lines[{origin.file, origin.line}];
      line.executed += count;
      line.reached += count != 0;
      ++line.instructions;
      add(line.traffic, traffic);
    }
    text += comma + quoted(name) + ":{" + field("launches", kernel.launches) + "," +
            field("warpInstructions", executed) + "," + field("instructions", kernel.counts.size()) + "," +
            field("reached", reached) + "," + field("mma", mma) + "," + field("ldmatrix", ldmatrix) + "," +
            field("cpAsync", copies) + "," + field("globalRequests", global_requests) + "," +
            field("sharedRequests", shared_requests) + "," + fields(total) + ",\"lines\":[";
    const char* separator = "";
    for (const auto& [at, line] : lines) {
      const std::string file = at.second && at.first < kernel.files.size() ? kernel.files[at.first] : "";
      text += separator;
      text += std::string("{\"file\":") + quoted(file) + "," + field("line", at.second) + "," +
              field("executed", line.executed) + "," + field("instructions", line.instructions) + "," +
              field("reached", line.reached) + "," + fields(line.traffic) + "}";
      separator = ",";
    }
    text += "]}";
    comma = ",\n";
  }
  return text + "}}\n";
}

}  // namespace sinter::sim
