// Vendor libraries that are used where they are: opened on first use, never needed to load the addon. Place in the whole: beside
// driver.h, for what a family of kernels has no kernels of its own for (cuda/kernels/linalg/cusolver.h), or for a second way to compute
// something (cuda/vendor).
#pragma once
#include <initializer_list>
#include <string>

namespace sinter::cuda {

struct Library {
  void* handle = nullptr;  // null: not there; else never closed
  std::string missing;     // why, in words
};

// What the environment's `variable` names, if it does, else the first of `names` that there is: a library's name says which interface
// it has, so names carry their version.
Library open_library(const char* variable, std::initializer_list<const char*> names);

// Looks a function up. What is not exported is `missing`, of which the first stays.
void* find_symbol(Library& library, const char* symbol);

// cuSOLVER: CUDA 13 has version 12 of the library, CUDA 11 and 12 have 11; or what SINTER_CUSOLVER names.
Library open_cusolver();

}  // namespace sinter::cuda
