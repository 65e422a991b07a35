"""What the Python peers share: their processors, and the conversation.

Place in the whole: bench/peers.ts starts a peer's script and asks for rounds in turn with our own side, so that all meet the
same state of the machine. A peer imports this file first (it binds the process and tells OpenMP and BLAS their number of threads,
which must come before their libraries are loaded), then serves:

    PEER.py --threads N --cpus 0,1 [--device cuda:0]

    {"cmd": "load", "case": NAME}                 -> {"estimateMs": number, "variant": "nchw" | "nhwc" | ""}
    {"cmd": "run", "samples": n, "inner": k, "warmup": w}
                                                  -> {"ms": [n times of one call, each the mean of k calls]}, after w untimed calls
    {"cmd": "unload"}                             -> {}
    {"cmd": "memory", "case": NAME, "variant": "" | name, "steps": n}
                                                  -> {"bytes": peak while the case is built and called n times, above what the
                                                      process had before, "variants": names}, in a fresh process
    first line, unasked:                             {"name": "LIBRARY-VERSION"}
    whatever fails:                                  {"error": sentence}
"""
import argparse
import json
import os
import sys
import time

arguments = argparse.ArgumentParser()
arguments.add_argument("--threads", type=int, default=1)
arguments.add_argument("--cpus", default="")
arguments.add_argument("--device", default="cpu")
options = arguments.parse_args()
if options.cpus:
    cpus = [int(cpu) for cpu in options.cpus.split(",")]
    os.sched_setaffinity(0, cpus)
    if options.threads > 1:
        os.environ["OMP_PROC_BIND"] = "true"
        os.environ["OMP_PLACES"] = ",".join("{%d}" % cpu for cpu in cpus)
for library in ("OMP", "MKL", "OPENBLAS"):
    os.environ[library + "_NUM_THREADS"] = str(options.threads)


def complete():
    """Waits for what calls have queued; a peer on a device puts its own function here."""


def timed(call, inner):
    complete()
    start = time.perf_counter()
    for _ in range(inner):
        call()
    complete()
    return (time.perf_counter() - start) * 1e3 / inner


def warm(call):
    """Calls for 0.3 seconds, at least twice, short ones in batches that double; returns the fastest call's milliseconds."""
    begin, best, inner, count = time.perf_counter(), timed(call, 1), 1, 1
    while count < 2 or time.perf_counter() - begin < 0.3:
        ms = timed(call, inner)
        best, count = min(best, ms), count + 1
        if ms * inner < 1:
            inner *= 2
    return best


def status(field):
    """Bytes, from the kernel's account of this process."""
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field + ":"))


def serve(name, load, build=None):
    """Answers until the input ends. load(case) makes the operands and returns the call and the chosen variant's name; build(case,
    variant), for peers whose memory is measured, the call in that variant (the first without a name) and all variants' names."""

    def reply(answer):
        print(json.dumps(answer), flush=True)

    call = None
    reply({"name": name})
    for line in sys.stdin:
        message = json.loads(line)
        try:
            if message["cmd"] == "load":
                call = None
                call, variant = load(message["case"])
                reply({"estimateMs": warm(call), "variant": variant})
            elif message["cmd"] == "run":
                for _ in range(message["warmup"]):
                    call()
                reply({"ms": [timed(call, message["inner"]) for _ in range(message["samples"])]})
            elif message["cmd"] == "memory":
                before = status("VmRSS")
                call, variants = build(message["case"], message["variant"])
                for _ in range(message["steps"]):
                    call()
                reply({"bytes": status("VmHWM") - before, "variants": variants})
            else:
                call = None
                reply({})
        except Exception as error:  # the bench reports it in the row and goes on
            reply({"error": f"{type(error).__name__}: {error}"})
