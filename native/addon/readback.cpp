// Bringing results out: reads and synchronisation, blocking and not.
#include "addon/env.h"
#include "addon/values.h"

namespace sinter::addon {

namespace {

// One promise on its way from the executor to the JavaScript thread.
struct Completion {
  Env* owner;
  napi_deferred deferred;
  napi_ref target;  // keeps the typed array alive; null for sync
  ErrorInfo* error;
};

void complete(napi_env env, napi_value, void*, void* data) {
  auto* c = static_cast<Completion*>(data);
  if (env) {
    napi_handle_scope scope;
    napi_open_handle_scope(env, &scope);
    if (c->error) {
      napi_reject_deferred(env, c->deferred, make_error(env, *c->error));
    } else {
      napi_value undefined;
      napi_get_undefined(env, &undefined);
      napi_resolve_deferred(env, c->deferred, undefined);
    }
    if (c->target) napi_delete_reference(env, c->target);
    c->owner->end_pending();
    napi_close_handle_scope(env, scope);
  }
  if (c->error) c->error->release();
  delete c;
}

// Runs `work` after everything submitted. Done at once: throws its error or returns undefined. Else: returns a promise.
template <class Work>
napi_value run(napi_env env, uint32_t stream, napi_value target, bool cheap, Work work) {
  Env& e = env_of(env);
  Stream& s = *e.streams[stream].stream;
  const bool quick = cheap && !s.decoder().on_device();  // a device has its work yet to do
  if (s.idle() && (s.mode() == StreamMode::inline_only || (s.mode() == StreamMode::automatic && quick))) {
    if (ErrorInfo* error = work(s.decoder())) {
      napi_throw(env, make_error(env, *error));
      error->release();
    }
    return nullptr;
  }
  auto* c = new Completion{&e, nullptr, nullptr, nullptr};
  napi_value promise;
  napi_create_promise(env, &c->deferred, &promise);
  if (target) napi_create_reference(env, target, 1, &c->target);
  napi_threadsafe_function completions = e.completions();
  e.begin_pending();
  s.after(
      [c, work, completions](Decoder& decoder) {
        c->error = work(decoder);
        if (napi_call_threadsafe_function(completions, c, napi_tsfn_nonblocking) != napi_ok) {
          if (c->error) c->error->release();
          delete c;  // the environment is closing: nobody waits any more
        }
      },
      false);
  return promise;
}

ErrorInfo* first_unobserved(Decoder& decoder) {
  decoder.wait();
  ErrorInfo* first = nullptr;
  for (ErrorInfo* e : decoder.take_unobserved()) {
    if (first)
      e->release();
    else
      first = e;
  }
  return first;
}

// read(stream, id, dtype, target: typed array, cheap) -> undefined | Promise
napi_value read(napi_env env, napi_callback_info info) {
  Args<5> a(env, info);
  void* target = nullptr;
  size_t bytes = 0;
  if (!a.bytes(3, &target, &bytes)) return nullptr;
  const uint32_t id = a.u32(1);
  const auto dtype = static_cast<DType>(a.u32(2));
  return run(env, a.u32(0), a.v[3], a.u32(4) != 0, [=](Decoder& d) { return d.read(id, dtype, target, bytes); });
}

// readSync(stream, id, dtype, target)
napi_value read_sync(napi_env env, napi_callback_info info) {
  Args<4> a(env, info);
  void* target = nullptr;
  size_t bytes = 0;
  if (!a.bytes(3, &target, &bytes)) return nullptr;
  Stream& s = *env_of(env).streams[a.u32(0)].stream;
  s.wait_idle();
  if (ErrorInfo* error = s.decoder().read(a.u32(1), static_cast<DType>(a.u32(2)), target, bytes)) {
    napi_throw(env, make_error(env, *error));
    error->release();
  }
  return nullptr;
}

// sync(stream) -> undefined | Promise: everything submitted has run; reports the first error that nobody has read.
napi_value sync(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  return run(env, a.u32(0), nullptr, true, first_unobserved);
}

napi_value sync_sync(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  Stream& s = *env_of(env).streams[a.u32(0)].stream;
  s.wait_idle();
  if (ErrorInfo* error = first_unobserved(s.decoder())) {
    napi_throw(env, make_error(env, *error));
    error->release();
  }
  return nullptr;
}

// fence(stream) -> undefined | Promise: everything submitted so far has run; reports nothing.
napi_value fence(napi_env env, napi_callback_info info) {
  Args<1> a(env, info);
  return run(env, a.u32(0), nullptr, true, [](Decoder& d) -> ErrorInfo* {
    d.wait();
    return nullptr;
  });
}

// share(stream, id, key) -> undefined | Promise: once the tensor is computed it can be opened by its key.
napi_value share(napi_env env, napi_callback_info info) {
  Args<3> a(env, info);
  const uint32_t id = a.u32(1);
  return run(env, a.u32(0), nullptr, true, [id, key = a.string(2)](Decoder& d) { return d.share(id, key); });
}

}  // namespace

napi_threadsafe_function Env::completions() {
  if (!completions_) {
    napi_value name = make_string(env_, "sinter");
    napi_create_threadsafe_function(env_, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, complete,
                                    &completions_);
    napi_unref_threadsafe_function(env_, completions_);
  }
  return completions_;
}

void Env::begin_pending() {
  if (pending_++ == 0) napi_ref_threadsafe_function(env_, completions_);
}

void Env::end_pending() {
  if (--pending_ == 0 && completions_) napi_unref_threadsafe_function(env_, completions_);
}

void register_readback(napi_env env, napi_value exports) {
  set_function(env, exports, "read", read);
  set_function(env, exports, "readSync", read_sync);
  set_function(env, exports, "sync", sync);
  set_function(env, exports, "syncSync", sync_sync);
  set_function(env, exports, "fence", fence);
  set_function(env, exports, "share", share);
}

}  // namespace sinter::addon
