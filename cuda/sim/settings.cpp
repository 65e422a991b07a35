// Keys and values of the settings, from the environment and from cudasim_set.
#include "settings.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>

extern char** environ;

namespace sinter::sim::driver {

namespace {

bool number(std::string_view text, uint64_t low, uint64_t high, uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out >= low && out <= high;
}

bool number(std::string_view text, int low, int high, int& out) {
  uint64_t wide = 0;
  if (!number(text, static_cast<uint64_t>(low), static_cast<uint64_t>(high), wide)) return false;
  out = static_cast<int>(wide);
  return true;
}

// "9.0" or "90".
bool capability(std::string_view text, int& out) {
  std::string digits(text);
  digits.erase(std::remove(digits.begin(), digits.end(), '.'), digits.end());
  int value = 0;
  if (!number(digits, 0, 999, value)) return false;
  for (const int known : {80, 86, 89, 90, 100, 120})
    if (value == known) {
      out = value;
      return true;
    }
  return false;
}

// "12.4" is 12040, as cuDriverGetVersion writes it.
bool version(std::string_view text, int& out) {
  const size_t dot = text.find('.');
  int major = 0, minor = 0;
  if (dot == std::string_view::npos || !number(text.substr(0, dot), 1, 99, major) ||
      !number(text.substr(dot + 1), 0, 99, minor))
    return false;
  out = 1000 * major + 10 * minor;
  return true;
}

}  // namespace

bool assign(Settings& settings, std::string_view key, std::string_view value) {
  if (key == "devices") return number(value, 0, 8, settings.devices);
  if (key == "capability") return capability(value, settings.capability);
  if (key == "multiprocessors") return number(value, 0, 1024, settings.multiprocessors);
  if (key == "driver_version") return version(value, settings.version);
  if (key == "memory") return number(value, 1, 1ull << 39, settings.memory);
  if (key == "seed") return number(value, 0, UINT64_MAX, settings.seed);
  if (key == "workers") return number(value, 0, 256, settings.workers);
  if (key == "launch_ns") return number(value, 0, 1'000'000'000, settings.launch_ns);
  if (key == "fail_alloc") return number(value, 0, UINT64_MAX, settings.fail_alloc);
  if (key == "fail_host_alloc") return number(value, 0, UINT64_MAX, settings.fail_host_alloc);
  if (key == "fail_copy") return number(value, 0, UINT64_MAX, settings.fail_copy);
  if (key == "lose_after") return number(value, 0, UINT64_MAX, settings.lose_after);
  if (key == "check") {
    settings.check = value == "1";
    return value == "0" || value == "1";
  }
  if (key == "budget") return number(value, 0, UINT64_MAX, settings.budget);
  if (key == "profile") {
    settings.profile = value;
    return true;
  }
  if (key == "coverage") {
    settings.coverage = value;
    return true;
  }
  return false;
}

Settings from_environment() {
  constexpr std::string_view kPrefix = "SINTER_SIM_";
  Settings settings;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos || equals + 1 == text.size()) continue;
    std::string key(text.substr(kPrefix.size(), equals - kPrefix.size()));
    std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return std::tolower(c); });
    if (!assign(settings, key, text.substr(equals + 1)))
      throw std::invalid_argument("cudasim: " + std::string(text) + ": no such setting, or no such value of it");
  }
  return settings;
}

}  // namespace sinter::sim::driver
