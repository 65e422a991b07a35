#include "coverage.h"

#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace sinter::sim {

Coverage::Coverage(const std::string& folder) {
  std::error_code ignored;  // the file then fails to open
  std::filesystem::create_directories(folder, ignored);
  // Process numbers come again.
  for (int i = 0;; ++i) {
    const std::string path = folder + "/" + std::to_string(getpid()) + "-" + std::to_string(i) + ".jsonl";
    if (std::filesystem::exists(path, ignored)) continue;
    file_.open(path);
    if (!file_) throw std::runtime_error("cudasim: SINTER_SIM_COVERAGE: cannot write " + path);
    return;
  }
}

void Coverage::add(const Program& program, const Function& function, const std::vector<uint64_t>& counts) {
  std::vector<bool>& reached = reached_[{function.name, counts.size()}];
  if (reached.empty()) {
    reached.resize(counts.size());
    file_ << "{\"kernel\":\"" << function.name << "\",\"files\":[";
    for (size_t i = 0; i < program.files.size(); ++i) file_ << (i ? "," : "") << '"' << program.files[i] << '"';
    file_ << "],\"at\":[";
    for (size_t i = 0; i < counts.size(); ++i) {
      const Origin& origin = function.code->origins[i];
      file_ << (i ? "," : "") << origin.file << ',' << origin.line;
    }
    file_ << "]}\n";
  }
  const char* separator = "";
  for (size_t i = 0; i < counts.size(); ++i) {
    if (!counts[i] || reached[i]) continue;
    reached[i] = true;
    if (!*separator)
      file_ << "{\"kernel\":\"" << function.name << "\",\"instructions\":" << counts.size() << ",\"reached\":[";
    file_ << separator << i;
    separator = ",";
  }
  if (*separator) file_ << "]}\n" << std::flush;
}

}  // namespace sinter::sim
