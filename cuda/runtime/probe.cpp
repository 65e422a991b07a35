#include "cuda/runtime/probe.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "cuda/runtime/driver.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

namespace {

constexpr int kPatienceSeconds = 60;  // a first start of many devices takes some seconds
constexpr int kOrderly = 86;          // exit code of a child that came to its end; 0 could be a driver's

// What the child process writes into the pipe.
struct Answer {
  CUresult init = CUresult::success;
  int version = 0, devices = 0;
};

Answer ask_driver() {
  Answer a;
  const Driver& f = driver();
  f.driver_version(&a.version);
  a.init = f.init(0);
  if (a.init == CUresult::success) a.init = f.device_count(&a.devices);
  return a;
}

[[noreturn]] void child(int pipe) {
  for (int s : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGTERM, SIGINT}) std::signal(s, SIG_DFL);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_UNBLOCK, &all, nullptr);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // A driver that is missing or incomplete is the parent's to describe: it can load it as well.
  if (driver_library().complete()) {
    const Answer a = ask_driver();
    if (write(pipe, &a, sizeof a) != sizeof a) _exit(1);
  }
  _exit(kOrderly);
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return std::string("it ended by ") + strsignal(WTERMSIG(status));
  return "it ended with exit code " + std::to_string(WEXITSTATUS(status));
}

// Loads and starts the driver in a child process. Returns why that did not go well; empty: `answer` is filled in, or the library does
// not load in an orderly way.
std::string rehearse(Answer* answer, bool* answered) {
  int ends[2];
  if (pipe(ends) != 0) return std::string("a pipe could not be opened: ") + std::strerror(errno);
  for (int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  const pid_t pid = fork();
  if (pid == 0) child(ends[1]);
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return std::string("a process could not be started: ") + std::strerror(errno);
  }
  pollfd waiting{ends[0], POLLIN, 0};
  int ready;
  do ready = poll(&waiting, 1, kPatienceSeconds * 1000);
  while (ready < 0 && errno == EINTR);
  if (ready == 0) kill(pid, SIGKILL);
  ssize_t got = 0;
  if (ready > 0) {
    do got = read(ends[0], answer, sizeof *answer);
    while (got < 0 && errno == EINTR);
  }
  close(ends[0]);
  *answered = got == static_cast<ssize_t>(sizeof *answer);
  int status = 0;
  pid_t ended;
  do ended = waitpid(pid, &status, 0);
  while (ended < 0 && errno == EINTR);
  if (ready == 0) return "it did not answer within " + std::to_string(kPatienceSeconds) + " s";
  // Once it has answered, how it goes down is its own affair: _exit runs none of its code.
  if (*answered || (ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == kOrderly)) return {};
  return ended == pid ? how_it_ended(status) : "it was lost sight of";
}

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string capability_text(int capability) {
  return std::to_string(capability / 10) + "." + std::to_string(capability % 10);
}

int capability_of(int ordinal) {
  CUdevice device = 0;
  int major = 0, minor = 0;
  const Driver& f = driver();
  if (f.device_get(&device, ordinal) != CUresult::success) return 0;
  f.device_attribute(&major, DeviceAttribute::capability_major, device);
  f.device_attribute(&minor, DeviceAttribute::capability_minor, device);
  return major * 10 + minor;
}

std::string why_not_started(CUresult status) {
  switch (status) {
    case CUresult::no_device: {
      const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
      if (visible && !*visible) return "the CUDA driver shows no device because CUDA_VISIBLE_DEVICES is empty";
      if (visible) return std::string("the CUDA driver shows no device (CUDA_VISIBLE_DEVICES is ") + visible + ")";
      return "the CUDA driver is there but finds no device";
    }
    case CUresult::stub_library:
      return "the CUDA driver found is the toolkit's stub for linking: put the directory of the real libcuda.so.1 "
             "first";
    case CUresult::system_driver_mismatch:
      return "the CUDA driver's library and kernel module are of different versions: restart the machine";
    case CUresult::system_not_ready:
      return "the CUDA driver is not ready: on machines with NVSwitch the fabric manager must run";
    case CUresult::unknown:
      return "the CUDA driver does not start (unknown error): is its kernel module loaded, and may you open "
             "/dev/nvidia*?";
    default: return "the CUDA driver does not start: " + describe(status);
  }
}

std::string why_not_loaded(const DriverLibrary& library) {
  const bool named = std::getenv("SINTER_CUDA_DRIVER") && *std::getenv("SINTER_CUDA_DRIVER");
  if (named) return "no CUDA driver: what SINTER_CUDA_DRIVER names does not load: " + library.missing;
  if (access("/proc/driver/nvidia/version", F_OK) == 0)
    return "NVIDIA's kernel module is loaded, but its library " + library.name +
           " is missing: install the driver's libraries, or start the container with them (--gpus all)";
  return "no NVIDIA driver: " + library.name + " is not on this machine";
}

Probe find() {
  if (!any_registered()) return {0, 0, "this build of Sinter has no CUDA kernels"};
  Answer answer;
  bool answered = false;
  // A library that is mapped already, by somebody else in this process, has shown that it loads; and a child could not start it
  // again.
  const bool loaded = dlopen(driver_name(), RTLD_NOW | RTLD_NOLOAD) != nullptr;
  if (!loaded)
    if (const std::string trouble = rehearse(&answer, &answered); !trouble.empty())
      return {0, 0, std::string("the CUDA driver ") + driver_name() + " was tried in a child process: " + trouble};
  const DriverLibrary& library = driver_library();
  if (!library.found) return {0, 0, why_not_loaded(library)};
  if (!library.complete()) {
    const bool any = library.functions.driver_version != nullptr;
    if (any) library.functions.driver_version(&answer.version);
    return {0, answer.version,
            (any ? "the CUDA driver is too old (CUDA " + version_text(answer.version) + "): it has no "
                 : library.name + " is not a CUDA driver: it has no ") +
                library.missing + "; CUDA " + version_text(kOldestDriver) + " or newer is needed"};
  }
  if (!answered || answer.init == CUresult::success) answer = ask_driver();
  if (answer.version && answer.version < kOldestDriver)
    return {0, answer.version,
            "the CUDA driver is too old: it is of CUDA " + version_text(answer.version) + ", and " +
                version_text(kOldestDriver) + " or newer is needed (driver 550)"};
  if (answer.init != CUresult::success) return {0, answer.version, why_not_started(answer.init)};
  if (answer.devices == 0) return {0, answer.version, why_not_started(CUresult::no_device)};
  const int listed = std::min(answer.devices, kMaxDevices);
  bool usable = false;
  for (int i = 0; i < listed; i++) usable |= capability_of(i) >= kOldestCapability;
  if (!usable)
    return {0, answer.version,
            "no device is new enough: compute capability 8.0 (Ampere) or newer is needed, found " +
                capability_text(capability_of(0))};
  return {listed, answer.version,
          "CUDA driver " + version_text(answer.version) + " with " + std::to_string(answer.devices) +
              (answer.devices == 1 ? " device" : " devices")};
}

}  // namespace

const Probe& probe() {
  static const Probe* found = new Probe(find());
  return *found;
}

}  // namespace sinter::cuda
