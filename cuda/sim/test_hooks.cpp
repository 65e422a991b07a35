// Settings while a program runs, and the report of what it has left.
#include "test_hooks.h"

#include <set>
#include <sstream>

#include "launch.h"
#include "schedule.h"

namespace {

using namespace sinter::sim;
using namespace sinter::sim::driver;

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 32) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
      out += code;
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string report() {
  const State& all = state();
  std::ostringstream list, kernels, out;
  uint64_t count = 0, bytes = 0, host = 0, pending = 0;
  for (const auto& [address, it] : all.space.all()) {
    if (it->state == Allocation::State::kFreed) continue;
    list << (count + host ? ", " : "") << "{\"what\": " << quoted(it->what) << ", \"device\": " << it->device
         << ", \"address\": " << address << ", \"bytes\": " << it->bytes << '}';
    if (it->device < 0)
      ++host;
    else
      ++count, bytes += it->bytes;
  }
  for (const auto& [name, launches] : all.launched)
    kernels << (kernels.tellp() > 0 ? ", " : "") << quoted(name) << ": " << launches;
  for (const auto& device : all.devices)
    if (device->primary)
      for (const auto& stream : device->primary->streams) pending += stream->queue.size();
  out << "{\"fault\": " << quoted(all.fault) << ", \"live\": {\"allocations\": " << count << ", \"bytes\": " << bytes
      << ", \"host\": " << host << ", \"modules\": " << all.modules.size() << ", \"streams\": " << all.streams.size()
      << ", \"events\": " << all.events.size() << ", \"graphs\": " << all.graphs.size()
      << ", \"executables\": " << all.executables.size() << ", \"pools\": " << all.pools.size() - all.devices.size()
      << ", \"pending\": " << pending << "}, \"launches\": " << all.launches << ", \"copies\": " << all.copies
      << ", \"kernels\": {" << kernels.str() << "}, \"allocations\": [" << list.str() << "]}";
  return out.str();
}

}  // namespace

int cudasim_set(const char* key, const char* value) {
  if (!key || !value) return 1;
  // What devices are like is settled when they are made.
  static const std::set<std::string> settled = {"devices", "capability", "multiprocessors", "check"};
  if (settled.contains(key)) return 1;
  bool known = false;
  const CUresult result = entry(Needs::kDriver, [&] {
    known = assign(state().settings, key, value);
    if (known && std::string_view(key) == "seed") state().random.seed(state().settings.seed);
  });
  return result == CUDA_SUCCESS && known ? 0 : 1;
}

const char* cudasim_profile(int reset) {
  thread_local std::string text;
  text = "{}";
  entry(Needs::kDriver, [&] { text = take_profile(reset != 0); });
  return text.c_str();
}

const char* cudasim_report() {
  thread_local std::string text;
  text = "{}";
  entry(Needs::kDriver, [] { text = report(); });
  return text.c_str();
}
