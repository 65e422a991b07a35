#include "engine/storage.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sinter {

Storage* Storage::create(size_t bytes) {
  Allocator::Block block;
  if (bytes) block = Allocator::host().allocate(bytes);
  auto* s = new Storage;
  s->block_ = block;
  s->data_ = static_cast<char*>(block.data);
  s->bytes_ = bytes;
  return s;
}

Storage* Storage::create(size_t bytes, DeviceQueue& queue) {
  DeviceBlock block;
  if (bytes) block = queue.allocate(bytes);
  auto* s = new Storage;
  s->memory_ = &queue.memory();
  s->device_block_ = block;
  s->data_ = static_cast<char*>(block.data);
  s->bytes_ = bytes;
  return s;
}

Storage* Storage::poisoned(ErrorInfo* error) {
  auto* s = new Storage;
  s->error_ = error->retain();
  return s;
}

Storage* Storage::map_file(const char* path, size_t* size) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(ErrorCode::internal, "cannot open %s: %s", path, std::strerror(errno));
  struct stat info{};
  if (fstat(fd, &info) != 0 || info.st_size < 0) {
    close(fd);
    fail(ErrorCode::internal, "cannot read the size of %s: %s", path, std::strerror(errno));
  }
  auto bytes = static_cast<size_t>(info.st_size);
  void* data = nullptr;
  if (bytes) {
    data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) {
      close(fd);
      fail(ErrorCode::internal, "cannot map %s (%zu bytes): %s", path, bytes, std::strerror(errno));
    }
  }
  close(fd);
  auto* s = new Storage;
  s->mapped_ = true;
  s->data_ = static_cast<char*>(data);
  s->bytes_ = bytes;
  *size = bytes;
  return s;
}

void Storage::await(Report* report) {
  if (std::find(pending_.begin(), pending_.end(), report) == pending_.end()) pending_.push_back(report->retain());
}

void Storage::settle() {
  const auto settled = [this](Report* r) {
    if (!r->settled()) return false;
    if (r->error()) poison(r->error());
    r->release();
    return true;
  };
  pending_.erase(std::remove_if(pending_.begin(), pending_.end(), settled), pending_.end());
}

void Storage::destroy() {
  for (Report* r : pending_) r->release();
  if (memory_) {
    if (device_block_.data) memory_->free(device_block_);
  } else if (mapped_) {
    if (data_) munmap(data_, bytes_);
  } else if (block_.data) {
    Allocator::host().free(block_);
  }
  if (error_) error_->release();
  delete this;
}

}  // namespace sinter
