"""Writes the .cu files, compiles each to PTX, and lays out inputs and launches: everything but the recorded outputs.

    python3 make_kernels.py [family ...]      # needs numpy and nvcc 13

Then record.py runs the PTX on a GPU. Place in the whole: see README.md."""

import gzip
import os
import subprocess
import sys

import framework
import record

HERE = os.path.dirname(os.path.abspath(__file__))


def write(path, text):
    with open(os.path.join(HERE, path), 'w') as file:
        file.write(text)


def compress(path, data):
    with open(os.path.join(HERE, path), 'wb') as raw, gzip.GzipFile('', 'wb', 9, raw, mtime=0) as file:
        file.write(data)


def main():
    import matrix, memory, scalar  # noqa: F401  each registers its families

    manifest_path = os.path.join(HERE, 'manifest.json')
    wanted = sys.argv[1:]
    manifest = {'format': 1, 'families': {}}
    for name, family in framework.FAMILIES.items():
        entry = {'title': family.title, 'kernels': family.kernels}
        manifest['families'][name] = entry
        if wanted and name not in wanted:
            continue
        write(f'{name}.cu', family.source())
        ptx = os.path.join(HERE, f'{name}.ptx')
        flags = ['-std=c++17', '-O3', '-gencode', 'arch=compute_90a,code=compute_90a']
        subprocess.run(['nvcc', *flags, '-ptx', os.path.join(HERE, f'{name}.cu'), '-o', ptx], check=True)
        with open(ptx, 'rb') as file:
            compress(f'{name}.ptx.gz', file.read())
        os.remove(ptx)
        compress(f'{name}.in.gz', bytes(family.inputs))
    write('manifest.json', record.manifest_text(manifest))
    print(manifest_path, {n: len(f.kernels) for n, f in framework.FAMILIES.items()})


if __name__ == '__main__':
    main()
