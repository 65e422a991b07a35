// The archives of a build for users: which code a device gets, and what happens where its driver does not take it.
#include <cstring>

#include "cuda/runtime/archive.h"
#include "harness.h"

namespace sinter::cuda::test {

namespace {

struct Code {
  const char* name;
  uint32_t architecture, exact;
  std::string bytes;
};

// As scripts/pack-kernels.mjs lays it out.
std::vector<std::byte> archive_of(const std::vector<Code>& codes, bool partial = false) {
  std::string out("SINTERK1");
  const auto put = [&out](auto value) { out.append(reinterpret_cast<const char*>(&value), sizeof value); };
  put(static_cast<uint32_t>(codes.size()));
  put(uint32_t{partial});
  uint64_t offset = 16 + 64 * codes.size();
  for (const Code& c : codes) {
    char name[40] = {};
    std::strncpy(name, c.name, sizeof name - 1);
    out.append(name, sizeof name);
    put(c.architecture);
    put(c.exact);
    put(offset);
    put(uint64_t{c.bytes.size()});
    offset += c.bytes.size();
  }
  for (const Code& c : codes) out += c.bytes;
  const auto* data = reinterpret_cast<const std::byte*>(out.data());
  return {data, data + out.size()};
}

const std::string kPtx =
    ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry nothing() { ret; }\n" + std::string(1, '\0');

}  // namespace

CASE(code_of_a_device) {
  const UnpackedArchive a(archive_of({{"x", 80, 0, "80"}, {"x", 86, 0, "86"}, {"x", 90, 1, "9a"}, {"y", 0, 0, "px"}}));
  const auto found = [&a](const char* image, int capability) {
    const auto* code = static_cast<const char*>(a.find(image, capability));
    return code ? std::string(code, 2) : std::string();
  };
  EXPECT(found("x", 80) == "80" && found("x", 86) == "86" && found("x", 89) == "86");
  EXPECT(found("x", 90) == "9a" && found("x", 91).empty() && found("x", 120).empty());
  EXPECT(found("y", 80) == "px" && found("y", 120) == "px" && found("z", 80).empty());
  EXPECT(a.sample(87) && !a.sample(100));
}

CASE(damaged_archives) {
  const std::vector<std::byte> whole = archive_of({{"x", 80, 0, "code"}});
  for (size_t n = 0; n < whole.size(); n++) {
    const Error error = error_of([&] { UnpackedArchive(std::span(whole).first(n)); });
    EXPECT(error.code == ErrorCode::internal && says(error, "damaged"));
  }
  UnpackedArchive{whole};
}

// The stand-in driver takes no machine code, as an old driver would not: the PTX is wanted next, and runs.
CASE(machine_code_that_is_refused) {
  static const Archive list[] = {{8, nullptr, 0}, {9, nullptr, 0}, {0, nullptr, 0}};
  const Archives all(list);
  static const Image image{"image_of_archive", nullptr, 0};
  static constinit Kernel nothing{image, "nothing"};
  Bench b;
  Modules& modules = b.queue.device().modules();
  const auto launch = [&] { b.launch(nothing, Shape{Dim(1), Dim(1)}); };
  const Error early = error_of(launch);
  EXPECT(early.code == ErrorCode::internal && says(early, "before their archive was unpacked"));
  EXPECT(modules.wanted() == &list[0]);
  modules.give(list[0], archive_of({{"image_of_archive", 80, 0,
                                     std::string("\x7f"
                                                 "ELF") +
                                         std::string(60, '\0')}}));
  EXPECT(modules.wanted() == &list[2]);
  modules.give(list[0], {});  // a thread that is late
  modules.give(list[2], archive_of({{"image_of_archive", 0, 0, kPtx}}));
  EXPECT(!modules.wanted());
  launch();
  b.queue.wait();
  static const Image other{"other", nullptr, 0};
  static constinit Kernel missing{other, "missing"};
  const Error none = error_of([&] { b.launch(missing, Shape{Dim(1), Dim(1)}); });
  EXPECT(none.code == ErrorCode::internal && says(none, "not in this build's archives"));
}

// An archive of machine code that lacks images: the PTX is wanted too. (The stand-in driver takes PTX in place of machine code.)
CASE(images_without_machine_code) {
  static const Archive list[] = {{8, nullptr, 0}, {0, nullptr, 0}};
  const Archives all(list);
  static const Image images[] = {{"with", nullptr, 0}, {"without", nullptr, 0}};
  static constinit Kernel with{images[0], "nothing"}, without{images[1], "nothing"};
  Bench b;
  Modules& modules = b.queue.device().modules();
  EXPECT(modules.wanted() == &list[0]);
  modules.give(list[0], archive_of({{"with", 80, 0, kPtx}}, true));
  EXPECT(modules.wanted() == &list[1]);
  modules.give(list[1], archive_of({{"with", 0, 0, "no PTX"}, {"without", 0, 0, kPtx}}));
  EXPECT(!modules.wanted());
  for (const Kernel* kernel : {&with, &without}) b.launch(*kernel, Shape{Dim(1), Dim(1)});
  b.queue.wait();
}

}  // namespace sinter::cuda::test
