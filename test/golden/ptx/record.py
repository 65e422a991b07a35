"""Runs the committed PTX through the CUDA driver API and records what comes out, or compares with what was recorded.

    python3 record.py record [--to DIR]     # a GPU of compute capability 9.0; writes *.out.gz and manifest.json
    python3 record.py check [family ...]    # compares bit for bit; SINTER_CUDA_DRIVER names another libcuda
    python3 record.py check --cubin DIR     # the same from DIR/<family>.cubin instead of the PTX
    python3 record.py check --version 8.5   # the same with the .version line rewritten

Needs Python alone. Kernels run in a child process, so that one which faults or hangs costs itself only."""

import argparse
import array
import base64
import ctypes
import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
POISON = 0xA5A5A5A5
u32, u64, ptr = ctypes.c_uint32, ctypes.c_uint64, ctypes.c_void_p

TYPES = {
    'u8': (0, 1),
    'u16': (1, 2),
    'u32': (2, 4),
    's32': (3, 4),
    'u64': (4, 8),
    's64': (5, 8),
    'f16': (6, 2),
    'f32': (7, 4),
    'f64': (8, 8),
    'bf16': (9, 2),
}
SWIZZLES = {0: 0, 32: 1, 64: 2, 128: 3}


class LaunchAttribute(ctypes.Structure):
    _fields_ = [('id', ctypes.c_int), ('pad', ctypes.c_int), ('value', u32 * 16)]


class LaunchConfig(ctypes.Structure):
    _fields_ = [
        ('grid', u32 * 3),
        ('block', u32 * 3),
        ('shared', u32),
        ('stream', ptr),
        ('attributes', ctypes.POINTER(LaunchAttribute)),
        ('count', u32),
    ]


class DriverError(Exception):
    pass


class Driver:
    def __init__(self):
        self.lib = ctypes.CDLL(os.environ.get('SINTER_CUDA_DRIVER') or 'libcuda.so.1')
        self.call('cuInit', u32(0))
        device, context = ctypes.c_int(), ptr()
        self.call('cuDeviceGet', ctypes.byref(device), ctypes.c_int(0))
        self.device = device
        self.call('cuDevicePrimaryCtxRetain', ctypes.byref(context), device)
        self.call('cuCtxSetCurrent', context)

    def call(self, name, *args):
        status = getattr(self.lib, name)(*args)
        if status:
            text = ctypes.c_char_p()
            self.lib.cuGetErrorName(ctypes.c_int(status), ctypes.byref(text))
            raise DriverError(f'{name}: {status} {(text.value or b"").decode()}')

    def name(self):
        text, version = ctypes.create_string_buffer(256), ctypes.c_int()
        self.call('cuDeviceGetName', text, ctypes.c_int(256), self.device)
        self.call('cuDriverGetVersion', ctypes.byref(version))
        return text.value.decode(), f'{version.value // 1000}.{version.value % 1000 // 10}'

    def load(self, image):
        module = ptr()
        self.call('cuModuleLoadData', ctypes.byref(module), ctypes.c_char_p(image))
        return module

    def alloc(self, size):
        address = u64()
        self.call('cuMemAlloc_v2', ctypes.byref(address), ctypes.c_size_t(max(size, 16)))
        return address

    def tensor_map(self, spec, address):
        rank = len(spec['dims'])
        raw = ctypes.create_string_buffer(128 + 64)
        aligned = ctypes.addressof(raw) + (-ctypes.addressof(raw)) % 64
        listed = lambda kind, values: (kind * max(len(values), 1))(*values)
        common = (
            ctypes.c_int(spec.get('interleave', 0)),
            ctypes.c_int(SWIZZLES[spec['swizzle']]),
            ctypes.c_int(spec.get('promotion', 0)),
            ctypes.c_int(spec['fill']),
        )
        tensor = (
            ptr(aligned),
            ctypes.c_int(TYPES[spec['type']][0]),
            u32(rank),
            ptr(address),
            listed(u64, spec['dims']),
            listed(u64, spec['strides']),
        )
        if 'pixels' in spec:
            self.call(
                'cuTensorMapEncodeIm2col',
                *tensor,
                listed(ctypes.c_int, spec['lower']),
                listed(ctypes.c_int, spec['upper']),
                u32(spec['channels']),
                u32(spec['pixels']),
                listed(u32, spec['steps']),
                *common,
            )
        else:
            self.call('cuTensorMapEncodeTiled', *tensor, listed(u32, spec['box']), listed(u32, spec['steps']), *common)
        return ctypes.string_at(aligned, 128)

    def run(self, module, kernel, words):
        """One run over fresh memory: the output's bytes."""
        function = ptr()
        self.call('cuModuleGetFunction', ctypes.byref(function), module, kernel['name'].encode())
        shared = kernel.get('shared', 0)
        if shared > 48 << 10:
            self.call('cuFuncSetAttribute', function, ctypes.c_int(8), ctypes.c_int(shared))
        source, size = self.alloc(len(words)), kernel['outWords'] * 4
        target = self.alloc(size)
        try:
            self.call('cuMemcpyHtoD_v2', source, ctypes.c_char_p(words), ctypes.c_size_t(len(words)))
            self.call('cuMemsetD32_v2', target, u32(kernel.get('initial', POISON)), ctypes.c_size_t(kernel['outWords']))
            values = [source, target, u32(kernel['n'])]
            if 'tensorMap' in kernel:
                spec = kernel['tensorMap']
                address = (source if spec['base'] == 'in' else target).value
                image = self.tensor_map(spec, address)
                kernel['mapBytes'] = {'address': address, 'base64': base64.b64encode(image).decode()}
                raw = ctypes.create_string_buffer(128 + 64)
                aligned = ctypes.addressof(raw) + (-ctypes.addressof(raw)) % 64
                ctypes.memmove(aligned, image, 128)
                values.append((ctypes.c_char * 128).from_address(aligned))
            parameters = (ptr * len(values))(*[ctypes.addressof(v) for v in values])
            attributes = []
            if 'cluster' in kernel:
                attributes.append((4, kernel['cluster']))
            if kernel.get('programmatic'):
                attributes.append((6, [1]))
            records = (LaunchAttribute * max(len(attributes), 1))()
            for record, (identity, value) in zip(records, attributes):
                record.id = identity
                for j, v in enumerate(value):
                    record.value[j] = v
            config = LaunchConfig((u32 * 3)(*kernel['grid']), (u32 * 3)(*kernel['block']), shared, None, records, len(attributes))
            for _ in range(kernel.get('launches', 1)):
                self.call('cuLaunchKernelEx', ctypes.byref(config), function, parameters, None)
            self.call('cuCtxSynchronize')
            out = ctypes.create_string_buffer(size)
            self.call('cuMemcpyDtoH_v2', out, target, ctypes.c_size_t(size))
            return out.raw
        finally:
            self.lib.cuMemFree_v2(source)
            self.lib.cuMemFree_v2(target)


def image_of(family, options):
    if options.cubin:
        return open(os.path.join(options.cubin, f'{family}.cubin'), 'rb').read()
    text = gzip.open(os.path.join(HERE, f'{family}.ptx.gz')).read()
    if options.version:
        text = re.sub(rb'^\.version .*$', b'.version ' + options.version.encode(), text, flags=re.M)
    return text + b'\0'


def worker(options):
    manifest = json.load(open(os.path.join(HERE, 'manifest.json')))
    kernels = manifest['families'][options.worker]['kernels']
    data = gzip.open(os.path.join(HERE, f'{options.worker}.in.gz')).read()
    driver = Driver()
    started = time.perf_counter()
    module = driver.load(image_of(options.worker, options))
    print(json.dumps({'loaded': time.perf_counter() - started}), flush=True)
    for index in range(options.start, len(kernels)):
        kernel = kernels[index]
        if 'iota' in kernel:  # the words 0, 1, 2, ...
            words = array.array('I', range(kernel['iota'])).tobytes()
        else:
            offset, count = kernel['in']
            words = data[4 * offset : 4 * (offset + count)]
        timer = threading.Timer(15, lambda: os._exit(9))
        timer.daemon = True
        timer.start()
        first = driver.run(module, kernel, words)
        again = driver.run(module, kernel, words)
        timer.cancel()
        with open(os.path.join(options.to, f'{options.worker}.{index}'), 'wb') as file:
            file.write(first)
        unsteady = [i for i in range(len(first) // 4) if first[4 * i : 4 * i + 4] != again[4 * i : 4 * i + 4]] if first != again else []
        print(
            json.dumps({'index': index, 'unsteady': unsteady[:8], **({'map': kernel['mapBytes']} if 'mapBytes' in kernel else {})}),
            flush=True,
        )


def family_outputs(family, kernels, options, folder):
    """The bytes each kernel wrote (None where it failed), with notes."""
    outputs, notes, start, load = [None] * len(kernels), {}, 0, None
    while start < len(kernels):
        command = [sys.executable, os.path.abspath(__file__), options.mode, '--worker', family, '--start', str(start), '--to', folder]
        command += ['--cubin', options.cubin] if options.cubin else ['--version', options.version] if options.version else []
        done = subprocess.run(command, capture_output=True, text=True)
        last = start - 1
        for line in done.stdout.splitlines():
            entry = json.loads(line)
            if 'loaded' in entry:
                load = entry['loaded']
                continue
            last = entry['index']
            outputs[last] = open(os.path.join(folder, f'{family}.{last}'), 'rb').read()
            if entry['unsteady']:
                notes.setdefault(last, []).append(f'two runs differ, words {entry["unsteady"]}')
            if 'map' in entry:
                kernels[last]['mapBytes'] = entry['map']
        if done.returncode == 0:
            break
        error = (done.stderr.strip().splitlines() or ['no message'])[-1] + f' (exit {done.returncode})'
        if load is None:
            return outputs, {0: [f'not loaded: {error}']}, load
        notes.setdefault(last + 1, []).append(error)
        start = last + 2
    return outputs, notes, load


def map_variants(driver):
    """Tensor maps for one address, one parameter changed at a time: what the 128 bytes hold."""
    base = {'type': 'f16', 'dims': [640, 48, 6], 'strides': [1280, 61440], 'box': [32, 8, 2], 'steps': [1, 1, 1], 'swizzle': 0, 'fill': 0}
    changes = (
        [{}]
        + [{'type': t} for t in ('u8', 'u16', 'bf16')]
        + [{'type': t, 'box': [16, 8, 2]} for t in ('u32', 's32', 'f32')]
        + [{'type': t, 'box': [8, 8, 2]} for t in ('u64', 's64', 'f64')]
    )
    changes += [
        {'dims': [641, 48, 6]},
        {'dims': [640, 49, 6]},
        {'dims': [640, 48, 7]},
        {'strides': [1296, 62208]},
        {'strides': [1280, 61456]},
        {'box': [64, 8, 2]},
        {'box': [32, 9, 2]},
        {'box': [32, 8, 3]},
        {'steps': [2, 1, 1]},
        {'steps': [1, 3, 1]},
        {'fill': 1},
    ]
    changes += (
        [{'swizzle': 32, 'box': [16, 8, 2]}, {'swizzle': 64}, {'swizzle': 128}]
        + [{'promotion': p} for p in (1, 2, 3)]
        + [{'interleave': 1, 'box': [8, 8, 2]}, {'interleave': 2, 'swizzle': 32, 'box': [16, 8, 2]}]
    )
    changes += [
        {'dims': [640], 'strides': [], 'box': [32], 'steps': [1]},
        {'dims': [640, 48], 'strides': [1280], 'box': [32, 8], 'steps': [1, 1]},
        {'dims': [640, 4, 4, 2, 3], 'strides': [1280, 5120, 20480, 40960], 'box': [32, 2, 2, 2, 2], 'steps': [1] * 5},
    ]
    address = driver.alloc(1 << 22).value
    out = []
    for change in changes:
        spec = {**base, **change}
        try:
            out.append({**spec, 'address': address, 'base64': base64.b64encode(driver.tensor_map(spec, address)).decode()})
        except DriverError as error:
            out.append({**spec, 'error': str(error)})
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('mode', choices=['record', 'check'])
    parser.add_argument('families', nargs='*')
    parser.add_argument('--to', default=HERE)
    parser.add_argument('--cubin')
    parser.add_argument('--version')
    parser.add_argument('--worker')
    parser.add_argument('--start', type=int, default=0)
    options = parser.parse_args()
    if options.worker:
        return worker(options)
    manifest = json.load(open(os.path.join(HERE, 'manifest.json')))
    families = options.families or list(manifest['families'])
    os.makedirs(options.to, exist_ok=True)
    wrong = 0
    if options.mode == 'record':
        driver = Driver()
        device, version = driver.name()
        manifest['recorded'] = {'device': device, 'cudaDriver': version, 'driver': driver_release(), 'date': time.strftime('%Y-%m-%d')}
        manifest['tensorMaps'] = map_variants(driver)
    with tempfile.TemporaryDirectory() as folder:
        for family in families:
            entry = manifest['families'][family]
            kernels = entry['kernels']
            before = time.perf_counter()
            outputs, notes, load = family_outputs(family, kernels, options, folder)
            blob, matched = bytearray(), 0
            recorded = b'' if options.mode == 'record' else gzip.open(os.path.join(HERE, f'{family}.out.gz')).read()
            for index, kernel in enumerate(kernels):
                output = outputs[index]
                if options.mode == 'record':
                    if index in notes:
                        kernel['fault' if output is None else 'note'] = '; '.join(notes[index])
                    if output is not None:
                        kernel['sha256'] = hashlib.sha256(output).hexdigest()
                        if not kernel.get('hashed'):
                            kernel['out'] = len(blob) // 4
                            blob += output
                    matched += output is not None
                elif 'sha256' in kernel and 'note' not in kernel:
                    if output is not None and hashlib.sha256(output).hexdigest() == kernel['sha256']:
                        matched += 1
                        continue
                    wrong += 1
                    if output is None:
                        print(f'  {family}/{kernel["name"]}: {notes.get(index, ["not run"])}')
                    elif kernel.get('hashed'):
                        print(f'  {family}/{kernel["name"]}: another hash')
                    else:
                        want = recorded[4 * kernel['out'] : 4 * (kernel['out'] + kernel['outWords'])]
                        bad = [i for i in range(kernel['outWords']) if want[4 * i : 4 * i + 4] != output[4 * i : 4 * i + 4]]
                        print(
                            f'  {family}/{kernel["name"]}: {len(bad)} of {kernel["outWords"]} words differ, first at {bad[0]}: {output[4 * bad[0] : 4 * bad[0] + 4][::-1].hex()} instead of {want[4 * bad[0] : 4 * bad[0] + 4][::-1].hex()}'
                        )
            if options.mode == 'record':
                with gzip.GzipFile(os.path.join(options.to, f'{family}.out.gz'), 'wb', mtime=0) as file:
                    file.write(bytes(blob))
            print(
                f'{family}: {matched} of {len(kernels)} kernels, module loaded in {1000 * (load or 0):.1f} ms, {time.perf_counter() - before:.1f} s in all',
                *[f'\n  {kernels[i]["name"] if i < len(kernels) else i}: {"; ".join(n)}' for i, n in notes.items()],
                flush=True,
            )
    if options.mode == 'record':
        with open(os.path.join(options.to, 'manifest.json'), 'w') as file:
            file.write(manifest_text(manifest))
    sys.exit(1 if wrong else 0)


def manifest_text(manifest):
    """JSON with a line a kernel."""
    line = lambda value: json.dumps(value, separators=(',', ':'))
    families = []
    for name, family in manifest['families'].items():
        kernels = ',\n'.join(line(kernel) for kernel in family['kernels'])
        families.append(f'{line(name)}:{{"title":{line(family["title"])},"kernels":[\n{kernels}]}}')
    head = ',\n'.join(f'{line(key)}:{line(value)}' for key, value in manifest.items() if key != 'families')
    return f'{{{head},\n"families":{{\n' + ',\n'.join(families) + '}}\n'


def driver_release():
    try:
        return re.search(r'\b\d+\.\d+(\.\d+)?\b', open('/proc/driver/nvidia/version').read()).group(0)
    except (OSError, AttributeError):
        done = subprocess.run('nvidia-smi --query-gpu=driver_version --format=csv,noheader', shell=True, capture_output=True, text=True)
        return done.stdout.strip() or 'unknown'


if __name__ == '__main__':
    main()
