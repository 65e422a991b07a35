#include "engine/decoder.h"

#include <new>

#include "engine/custom.h"
#include "engine/shared.h"
#include "engine/workspace.h"

namespace sinter {

void* Call::scratch(size_t bytes) const { return workspace->allocate(bytes); }
void* Call::host_scratch(size_t bytes) const { return workspace->allocate_host(bytes); }
ReportRecord* Call::report(ErrorCode code, ReportText text) const { return workspace->report(code, text); }
const Late& late_of(const Call& call) { return call.workspace->late(); }

namespace {

// The poison that reaches a command through one operand.
ErrorInfo* poison_of(const Slot* s) { return s ? s->storage->error() : nullptr; }

size_t bytes_of(const Slot& s) { return static_cast<size_t>(s.numel) * dtype_size(s.dtype); }

}  // namespace

Decoder::Decoder(const Backend& backend) : backend_(backend) {
  if (!backend.open) return;
  queue_ = backend.open(backend);
  reports_ = std::make_unique<Reports>(*queue_);
}

Decoder::~Decoder() {
  drop_condition();
  while (!graphs_.empty()) drop_graph(graphs_.begin()->first);
  for (ErrorInfo* e : errors_) e->release();
}

void Decoder::execute(const double* words, size_t n) {
  for (size_t i = 0; i < n;) {
    const double* w = words + i;
    const int opcode = static_cast<int>(w[0]);
    if (opcode > kLastCommand) {
      i += profiling_ ? execute_profiled(w) : execute_op(w);
      continue;
    }
    if (opcode == kCommandRelease)
      for (int k = 0; k < static_cast<int>(w[1]); k++) slots_.close(word_id(w[2 + k]));
    else if (opcode == kCommandView)
      view(w + 2);
    else if (opcode == kCommandBind)
      bind(w + 2);
    else if (opcode == kCommandMark)
      mark(w + 2);
    else if (opcode == kCommandSkip)
      skip(w + 2);
    else if (opcode == kCommandLess)
      less(w + 2);
    else
      graph(w + 2);
    i += 2 + static_cast<size_t>(w[1]);
  }
}

void Decoder::discard(const double* words, size_t n) {
  for (size_t i = 0; i < n;) {
    const double* w = words + i;
    if (static_cast<int>(w[0]) <= kLastCommand) {
      if (static_cast<int>(w[0]) == kCommandBind) bind(w + 2);
      i += 2 + static_cast<size_t>(w[1]);
      continue;
    }
    const double* p = w + 4;
    for (int k = 0; k < static_cast<int>(w[1]); k++) p += 3 + static_cast<int>(p[2]);
    i += static_cast<size_t>(p - w) + static_cast<size_t>(w[2]) + static_cast<size_t>(w[3]);
  }
}

void Decoder::view(const double* w) {
  const uint32_t id = word_id(w[0]);
  Slot* source = slots_.find(word_id(w[1]));
  Storage* storage;
  int64_t base = 0;
  if (source) {
    storage = source->storage->retain();
    base = source->byte_offset;
  } else {
    ErrorInfo* e = new_error({ErrorCode::internal, "view of a released tensor"}, "view", id);
    storage = Storage::poisoned(e);
    e->release();
  }
  Slot& s = slots_.open(id);
  s.storage = storage;
  s.dtype = static_cast<DType>(w[2]);
  s.byte_offset = base + static_cast<int64_t>(w[3]) * static_cast<int64_t>(dtype_size(s.dtype));
  s.rank = static_cast<int32_t>(w[4]);
  s.numel = 1;
  s.contiguous = true;
  for (int i = s.rank - 1; i >= 0; i--) {
    s.dims[i] = static_cast<int64_t>(w[5 + i]);
    s.strides[i] = static_cast<int64_t>(w[5 + s.rank + i]);
    if (s.dims[i] != 1 && s.strides[i] != s.numel) s.contiguous = false;
    s.numel *= s.dims[i];
  }
  if (s.numel <= 1) s.contiguous = true;
}

void Decoder::bind(const double* w) {
  Slot& s = slots_.open(word_id(w[0]));
  s.dtype = static_cast<DType>(w[1]);
  s.storage = here(reinterpret_cast<Storage*>(static_cast<uintptr_t>(w[2])));
  s.byte_offset = static_cast<int64_t>(w[3]);
  s.rank = static_cast<int32_t>(w[4]);
  for (int i = 0; i < s.rank; i++) s.dims[i] = static_cast<int64_t>(w[5 + i]);
  s.make_contiguous();
}

// A storage's bytes where this stream's kernels work: itself, or a copy. Takes over the reference.
Storage* Decoder::here(Storage* storage) {
  DeviceMemory* const memory = queue_ ? &queue_->memory() : nullptr;
  if (storage->error()) return storage;
  if (storage->memory() == memory) {
    if (queue_ && storage->bytes()) queue_->adopt(storage->device_block());
    return storage;
  }
  Storage* result;
  try {
    if (!queue_) fail(ErrorCode::unsupported, "the tensor is in a device's memory: read it there");
    result = Storage::create(storage->bytes(), *queue_);
    if (storage->bytes() && storage->memory())
      queue_->fetch(result->data(), *storage->memory(), storage->data(), storage->bytes());
    else if (storage->bytes())
      queue_->upload(result->data(), storage->data(), storage->bytes());
  } catch (const Error& error) {
    ErrorInfo* e = new_error(error, "tensor", 0);
    result = Storage::poisoned(e);
    e->release();
  }
  storage->release();
  return result;
}

// One f32 that engine commands depend on. Null, which is zero, for a tensor that failed: what it was computed from poisons what the
// commands write.
const Slot* Decoder::scalar_slot(uint32_t id) {
  const Slot* s = id ? slots_.find(id) : nullptr;
  return s && !poison_of(s) && s->dtype == DType::f32 && s->numel == 1 ? s : nullptr;
}

float Decoder::read_scalar(const Slot& slot, uint32_t id) {
  float value = 0;
  try {
    if (queue_)
      queue_->download(&value, slot.ref().data, sizeof value);
    else
      value = *slot.ref().as<float>();
  } catch (const Error& error) {
    new_error(error, "scalar", id)->release();
  }
  return value;
}

// On a device the flag is copied, as what runs under it may write or release it, and read only where a command has failed.
void Decoder::skip(const double* w) {
  skipping_ = false;
  drop_condition();
  const uint32_t id = word_id(w[0]);
  const Slot* flag = scalar_slot(id);
  if (!flag) return;
  if (!queue_) {
    skipping_ = read_scalar(*flag, id) != 0;
    return;
  }
  if (recording_) recording_->hold(flag->storage);
  try {
    condition_.storage = Storage::create(sizeof(float), *queue_);
    Workspace workspace(queue_.get());
    const TensorRef from = flag->ref(), to = condition_.ref();
    backend_.kernels[16 /* copy */]({&from, &to, nullptr, 1, 1, 0, &workspace, queue_.get()});
  } catch (const Error&) {
    drop_condition();
    skipping_ = read_scalar(*flag, id) != 0;
  }
}

// Whether commands without results do not run. Waits where only the device knows.
bool Decoder::left_out() {
  if (condition_.storage) {
    skipping_ = read_scalar(condition_, 0) != 0;
    drop_condition();
  }
  return skipping_;
}

void Decoder::drop_condition() {
  if (condition_.storage) condition_.storage->release();
  condition_.storage = nullptr;
}

void Decoder::less(const double* w) { less_.push_back({static_cast<int>(w[1]), word_id(w[0])}); }

size_t Decoder::execute_op(const double* w) {
  const int opcode = static_cast<int>(w[0]);
  const int nout = static_cast<int>(w[1]), nin = static_cast<int>(w[2]), nattr = static_cast<int>(w[3]);
  const OpInfo& info = op_info(opcode);
  if (in_.size() < static_cast<size_t>(nin)) {
    in_.resize(static_cast<size_t>(nin));
    in_slots_.resize(static_cast<size_t>(nin));
  }
  if (out_.size() < static_cast<size_t>(nout)) {
    out_.resize(static_cast<size_t>(nout));
    out_slots_.resize(static_cast<size_t>(nout));
  }
  const double* p = w + 4;
  const uint32_t first_out = nout ? word_id(p[0]) : 0;
  for (int i = 0; i < nout; i++) {
    Slot& s = slots_.open(word_id(p[0]));
    s.dtype = static_cast<DType>(p[1]);
    s.rank = static_cast<int32_t>(p[2]);
    s.byte_offset = 0;
    for (int d = 0; d < s.rank; d++) s.dims[d] = static_cast<int64_t>(p[3 + d]);
    s.make_contiguous();
    out_slots_[static_cast<size_t>(i)] = &s;
    p += 3 + s.rank;
  }
  const double* ids = p;
  const double* attr = p + nin;
  const size_t words = static_cast<size_t>(attr + nattr - w);
  const bool takes_late = queue_ && backend_.late && opcode < kFirstCustom && backend_.late[opcode];
  Late late;
  if (recording_) late.stream = recording_->stream();
  if (!less_.empty()) {
    attributes_.assign(attr, attr + nattr);
    for (const auto& [attribute, by] : less_) {
      const Slot* s = scalar_slot(by);
      if (!s) continue;
      if (recording_) recording_->hold(s->storage);
      if (takes_late && !late.less) {
        late.less = s->ref().as<float>();
        late.attribute = attribute;
      } else {
        attributes_[static_cast<size_t>(attribute)] -= read_scalar(*s, by);
      }
    }
    less_.clear();
    attr = attributes_.data();
  }
  const uint32_t origin = first_out ? first_out : nin ? word_id(ids[0]) : 0;

  ErrorInfo* error = nullptr;
  for (int i = 0; i < nin; i++) {
    const uint32_t id = word_id(ids[i]);
    Slot* s = id ? slots_.find(id) : nullptr;
    in_slots_[static_cast<size_t>(i)] = s;
    if (id && !s && !error)
      error = new_error({ErrorCode::internal, "operand is a released tensor"}, info.name ? info.name : "?", origin);
    if (!error && poison_of(s)) error = poison_of(s)->retain();
    in_[static_cast<size_t>(i)] = s ? s->ref() : TensorRef{};
  }
  if (nout == 0) {
    if (condition_.storage && !error && (takes_late || can_stand_in(info, nin))) {
      late.unless = condition_.ref().as<float>();
    } else if (left_out()) {
      // Nor does what its operands failed of reach what it would have written.
      if (error) error->release();
      return words;
    }
  }
  if (!error && (!info.name || (opcode < kFirstCustom ? !backend_.kernels[opcode] : !backend_.parallel)))
    error = new_error({ErrorCode::unsupported_on_device,
                       std::string("is not available on ") + backend_.name + "; move its operands to 'cpu' first"},
                      info.name ? info.name : "?", origin);

  if (!error) {
    try {
      for (int i = 0; i < nout; i++) {
        Slot& s = *out_slots_[static_cast<size_t>(i)];
        s.storage = create(bytes_of(s));
        out_[static_cast<size_t>(i)] = s.ref();
      }
      if (recording_) {
        for (int i = 0; i < nin; i++)
          if (const Slot* s = in_slots_[static_cast<size_t>(i)]) recording_->hold(s->storage);
      }
      Call call{in_.data(), out_.data(), attr, nin, nout, nattr, nullptr, queue_.get()};
      run_kernel(opcode, info, call, in_.data(), origin, late, takes_late);
    } catch (const Error& e) {
      error = new_error(e, info.name, origin);
    } catch (const std::bad_alloc&) {
      error = new_error({ErrorCode::out_of_memory, "out of memory (bookkeeping)"}, info.name, origin);
    }
  }
  if (error) {
    if (recording_) recording_->failed = true;
    for (int i = 0; i < nout; i++) {
      Slot& s = *out_slots_[static_cast<size_t>(i)];
      if (s.storage) s.storage->release();
      s.storage = Storage::poisoned(error);
    }
    for (int i = 0; i < nin; i++)
      if (in_slots_[static_cast<size_t>(i)] && info.mutates_operand(i))
        in_slots_[static_cast<size_t>(i)]->storage->poison(error);
    error->release();
  }
  return words;
}

Storage* Decoder::create(size_t bytes) { return queue_ ? Storage::create(bytes, *queue_) : Storage::create(bytes); }

// What a command writes may yet turn out poisoned: by its own reports and by those that its operands wait for.
void Decoder::depend(int nout, int nin, const OpInfo& info, const std::vector<Report*>& reports) {
  for (int i = 0; i < nin && !reports.empty(); i++)
    if (Slot* s = in_slots_[static_cast<size_t>(i)])
      for (Report* cause : s->storage->pending())
        for (Report* r : reports) r->follow(cause);
  const auto hang = [&](Storage* target) {
    // Operands' first: the earliest error is the one that is told.
    for (int i = 0; i < nin; i++)
      if (Slot* s = in_slots_[static_cast<size_t>(i)]; s && s->storage != target)
        for (Report* r : s->storage->pending()) target->await(r);
    for (Report* r : reports) target->await(r);
  };
  for (int i = 0; i < nout; i++) hang(out_slots_[static_cast<size_t>(i)]->storage);
  for (int i = 0; i < nin; i++)
    if (in_slots_[static_cast<size_t>(i)] && info.mutates_operand(i)) hang(in_slots_[static_cast<size_t>(i)]->storage);
}

// Waits for the device and learns what its kernels reported. Throws device_lost.
void Decoder::synchronize() {
  if (!queue_) return;
  queue_->wait();
  settle_reports();
}

void Decoder::wait() {
  try {
    synchronize();
  } catch (const Error& error) {
    new_error(error, "wait", 0)->release();
  }
}

void Decoder::mark(const double* w) {
  profile_.mark(w[0], w[1]);
  if (w[0] == Profile::kStart) profiling_ = true;
  if (w[0] == Profile::kStop) profiling_ = false;
}

size_t Decoder::execute_profiled(const double* w) {
  const int nout = static_cast<int>(w[1]), nin = static_cast<int>(w[2]), nattr = static_cast<int>(w[3]);
  const double start = Profile::now();
  const size_t size = execute_op(w);
  wait();  // else the time would be that of queueing
  bool failed = false;
  for (int i = 0; i < nout; i++) failed |= poison_of(out_slots_[static_cast<size_t>(i)]) != nullptr;
  for (int i = 0; i < nin; i++) failed |= poison_of(in_slots_[static_cast<size_t>(i)]) != nullptr;
  // Results that failed have no references.
  const Call call{in_.data(), out_.data(), w + size - nattr, nin, failed ? 0 : nout, nattr, nullptr, queue_.get()};
  profile_.ran(static_cast<int>(w[0]), start, call, failed);
  return size;
}

// Whether the kernel gets a contiguous copy of operand i: it takes no strides, or must not write before the condition is looked at.
bool Decoder::needs_stand_in(const OpInfo& info, int i, bool guarded) const {
  const TensorRef& t = in_[static_cast<size_t>(i)];
  return t.present() && ((info.contiguous && !t.contiguous) || (guarded && info.mutates_operand(i)));
}

// Whether there is room for the copies of a kernel that does not know of its condition.
bool Decoder::can_stand_in(const OpInfo& info, int nin) const {
  int n = 0;
  for (int i = 0; i < nin; i++) n += needs_stand_in(info, i, true);
  return n <= kStandIns;
}

void Decoder::run_kernel(int opcode, const OpInfo& info, Call& call, TensorRef* in, uint32_t origin, const Late& late,
                         bool takes_late) {
  if (reports_ && !recording_ && reports_->full()) synchronize();
  Workspace workspace(queue_.get());
  workspace.expect_reports(reports(), info.name, origin);
  // What draws needs no condition to be told of its stream.
  const Late stream{nullptr, nullptr, 0, recording_ ? recording_->stream() : nullptr};
  workspace.set_late(takes_late ? late : stream);
  call.workspace = &workspace;
  const auto run = [&] {
    if (opcode >= kFirstCustom)
      run_custom(opcode, call, backend_);
    else
      backend_.kernels[opcode](call);
    if (queue_) depend(call.nout, call.nin, info, workspace.reports());
  };
  // A kernel that does not know of its condition writes into a copy.
  const bool guarded = late.unless && !takes_late;
  if (!info.contiguous && !guarded) return run();
  // Contiguous stand-ins for operands that are strided or guarded; what the kernel writes into one goes back to the original.
  struct StandIn {
    int index;
    TensorRef original;
  };
  StandIn taken[kStandIns];
  int count = 0;
  for (int i = 0; i < call.nin; i++) {
    if (!needs_stand_in(info, i, guarded)) continue;
    if (count == kStandIns)
      fail(ErrorCode::unsupported, "%s: more than %d strided operands in one command", info.name, kStandIns);
    taken[count++] = {i, in[i]};
    TensorRef copy = workspace.contiguous_like(in[i], in[i].dtype);
    Call c{&in[i], &copy, nullptr, 1, 1, 0, &workspace, queue_.get()};
    backend_.kernels[16 /* copy */](c);
    in[i] = copy;
  }
  run();
  workspace.set_late(late);
  for (int k = 0; k < count; k++) {
    if (!info.mutates_operand(taken[k].index)) continue;
    TensorRef pair[2] = {taken[k].original, in[taken[k].index]};
    Call c{pair, nullptr, nullptr, 2, 0, 0, &workspace, queue_.get()};
    backend_.kernels[17 /* copyInto */](c);
  }
}

ErrorInfo* Decoder::new_error(const Error& error, const char* op, uint32_t origin) {
  auto* e = new ErrorInfo(error.code, error.message, op, origin);
  std::lock_guard lock(errors_mutex_);
  // Bounded: somebody who never reads should not collect errors for ever.
  if (errors_.size() < 64) errors_.push_back(e->retain());
  return e;
}

ErrorInfo* Decoder::read(uint32_t id, DType dtype, void* target, size_t target_bytes) {
  Slot* s = slots_.find(id);
  if (!s) return new ErrorInfo(ErrorCode::internal, "read of a released tensor", "read", id);
  try {
    if (!s->storage->pending().empty()) synchronize();
    if (ErrorInfo* e = s->storage->error()) {
      e->observed = true;
      return e->retain();
    }
    if (static_cast<size_t>(s->numel) * dtype_size(dtype) > target_bytes)
      fail(ErrorCode::internal, "read: the target is too small (%zu bytes)", target_bytes);
    if (s->numel == 0) return nullptr;
    const auto bring = [&](const void* from, size_t bytes) {
      if (!queue_) {
        std::memcpy(target, from, bytes);
        return;
      }
      queue_->download(target, from, bytes);
      settle_reports();
    };
    if (s->contiguous && s->dtype == dtype) {
      bring(s->ref().data, bytes_of(*s));
      return nullptr;
    }
    Slot result;
    result.dtype = dtype;
    result.rank = s->rank;
    std::memcpy(result.dims, s->dims, sizeof s->dims);
    result.make_contiguous();
    TensorRef in = s->ref(), out;
    out.data = target;
    out.numel = result.numel;
    out.dims = result.dims;
    out.strides = result.strides;
    out.rank = result.rank;
    out.dtype = dtype;
    Workspace workspace(queue_.get());
    const size_t bytes = static_cast<size_t>(result.numel) * dtype_size(dtype);
    if (queue_) out.data = workspace.allocate(bytes);
    Call call{&in, &out, nullptr, 1, 1, 0, &workspace, queue_.get()};
    backend_.kernels[16 /* copy */](call);
    if (queue_) bring(out.data, bytes);
    return nullptr;
  } catch (const Error& e) {
    return new ErrorInfo(e.code, e.message, "read", id);
  } catch (const std::bad_alloc&) {
    return new ErrorInfo(ErrorCode::out_of_memory, "out of memory (bookkeeping)", "read", id);
  }
}

ErrorInfo* Decoder::share(uint32_t id, const std::string& key) {
  Slot* s = slots_.find(id);
  if (!s) return new ErrorInfo(ErrorCode::internal, "share of a released tensor", "share", id);
  try {
    synchronize();
  } catch (const Error& error) {
    return new ErrorInfo(error.code, error.message, "share", id);
  }
  if (ErrorInfo* e = s->storage->error()) {
    e->observed = true;
    return e->retain();
  }
  if (publish_shared(key, *s)) return nullptr;
  return new ErrorInfo(ErrorCode::unsupported, "the key '" + key + "' is taken; withdraw it first, or choose another",
                       "share", id);
}

std::vector<ErrorInfo*> Decoder::take_unobserved() {
  std::lock_guard lock(errors_mutex_);
  std::vector<ErrorInfo*> unobserved;
  for (ErrorInfo* e : errors_) {
    if (e->observed.exchange(true))
      e->release();
    else
      unobserved.push_back(e);
  }
  errors_.clear();
  return unobserved;
}

}  // namespace sinter
