// What draws.cu and its host side agree on.
#pragma once

namespace sinter::cuda {

constexpr int kDrawThreads = 256;

}  // namespace sinter::cuda
