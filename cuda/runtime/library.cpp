#include "cuda/runtime/library.h"

#include <dlfcn.h>

#include <cstdlib>

namespace sinter::cuda {

Library open_library(const char* variable, std::initializer_list<const char*> names) {
  Library library;
  const auto open = [&](const char* name) {
    library.handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library.handle) return true;
    const char* why = dlerror();
    if (!library.missing.empty()) library.missing += "; ";
    library.missing += why ? why : name;
    return false;
  };
  const char* wish = std::getenv(variable);
  if (wish && *wish) {
    open(wish);
  } else {
    for (const char* name : names)
      if (open(name)) break;
  }
  if (library.handle) library.missing.clear();
  return library;
}

void* find_symbol(Library& library, const char* symbol) {
  void* found = library.handle ? dlsym(library.handle, symbol) : nullptr;
  if (!found && library.missing.empty()) library.missing = std::string("it has no ") + symbol;
  return found;
}

Library open_cusolver() { return open_library("SINTER_CUSOLVER", {"libcusolver.so.12", "libcusolver.so.11"}); }

}  // namespace sinter::cuda
