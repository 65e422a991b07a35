// What libcudasim.so exports besides the driver's functions, for tests.
#pragma once

extern "C" {

// Changes a setting (README.md) from now on: cudasim_set("fail_alloc", "3"). Not 0: there is no such key or value, or it is one that
// only the environment can set.
__attribute__((visibility("default"))) int cudasim_set(const char* key, const char* value);

// The profile (profile.h) of the launches that were executed since the process began or it was last [reset], as JSON; the text is good
// until the thread's next call. cudasim_set("profile", "on") begins counting, cudasim_set("profile", "") ends it. Launches that nothing
// has waited for are not executed yet.
__attribute__((visibility("default"))) const char* cudasim_profile(int reset);

// What is alive and what has happened, as JSON; the text is good until the thread's next call.
//   { "fault": what the last failed work said,
//     "live": { "allocations", "bytes", "host", "modules", "streams", "events", "graphs", "executables", "pools", "pending" },
//     "launches", "copies", "kernels": { name: launches },
//     "allocations": [{ "what", "device", "address", "bytes" }] }
__attribute__((visibility("default"))) const char* cudasim_report();

}  // extern "C"
