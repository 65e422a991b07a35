// In the place of the interpreter until its own files are there: weak, so that those replace it by being linked. A module is refused
// with a log that says why; memory, copies, streams, events and graphs of those work without it.
#include "interpreter.h"

namespace sinter::sim {

__attribute__((weak)) std::shared_ptr<const Program> parse(std::string_view) {
  throw ParseError(0, "this build of the simulator has no interpreter yet");
}

__attribute__((weak)) LaunchResult execute(const Program&, const Function&, const Launch&, Memory&, Checker*,
                                           Profile*) {
  return {Fault::kIllegalInstruction, "this build of the simulator has no interpreter yet"};
}

}  // namespace sinter::sim
