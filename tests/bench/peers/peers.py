#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares Scenescope on the processor with PyTorch and ONNX Runtime: README.md says how."""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, '..', '..', '..')
CACHE = os.path.join(os.environ.get('XDG_CACHE_HOME', os.path.expanduser('~/.cache')),
                     'scenescope-peers')

# Between two images, so that threads of the last worker that still spin are asleep.
PAUSE_S = 0.3

MIB = 1024 * 1024


def read_status(pid, key):
    """KEY of /proc/PID/status, in MiB."""
    with open(f'/proc/{pid}/status') as file:
        for line in file:
            if line.startswith(key + ':'):
                return int(line.split()[1]) / 1024
    raise KeyError(key)


class Worker:
    """A program that runs one image whenever it is told to, in a process of its own."""

    def __init__(self, name, command, output, environment):
        self.name, self.output = name, output
        self.times = []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=environment)
        self.version = self.answer()[1]
        self.start_mib = read_status(self.process.pid, 'VmRSS')

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f'{self.name}: the worker ended with status {self.process.wait()}')
        return line.split()

    def tell(self, word):
        self.process.stdin.write(word + '\n')
        self.process.stdin.flush()
        return [float(number) for number in self.answer()]

    def load(self):
        self.load_ms, self.first_ms = self.tell('load')
        self.load_peak_mib = read_status(self.process.pid, 'VmHWM')
        # Linux starts to look for the peak again.
        with open(f'/proc/{self.process.pid}/clear_refs', 'w') as file:
            file.write('5')

    def run(self):
        self.times.append(self.tell('run')[1])

    def end(self):
        self.run_peak_mib = read_status(self.process.pid, 'VmHWM')
        self.process.stdin.close()
        self.process.wait()


def make_workers(name, path, arguments):
    """A function for each program that starts its worker."""
    from networks import NETWORKS
    _, _, height, width = NETWORKS[name]
    size, threads = [str(height), str(width)], str(arguments.threads)
    environment = dict(os.environ, NODE_PATH=os.path.join(arguments.cache, 'node_modules'))
    environment.pop('OPENBLAS_CORETYPE', None)

    def start(label, command, *rest):
        output = f'{path}.{label.replace(" ", "-")}.logits'
        return lambda: Worker(label, command + [path, threads, output] + list(rest), output,
                              environment)
    torch_command = ['/usr/bin/python3', os.path.join(HERE, 'peer-pytorch.py'), name]
    return [
        start('scenescope', [os.path.join(arguments.build, 'tests', 'peer-scenescope')] + size),
        start('pytorch', torch_command, 'contiguous'),
        start('pytorch channels_last', torch_command, 'channels_last'),
        start('onnxruntime', ['node', os.path.join(HERE, 'peer-onnxruntime.js')] + size),
    ]


def measure(name, path, arguments):
    """Runs all workers in turn; returns those that were timed and the load times of each."""
    starts = make_workers(name, path, arguments)
    loads = [[] for _ in starts]
    for _ in range(arguments.loads - 1):
        for start, times in zip(starts, loads):
            worker = start()
            worker.load()
            worker.end()
            times.append((worker.load_ms + worker.first_ms, worker.load_ms))

    workers = [start() for start in starts]
    for worker, times in zip(workers, loads):
        worker.load()
        times.append((worker.load_ms + worker.first_ms, worker.load_ms))
    for _ in range(arguments.repeat):
        for worker in workers:
            time.sleep(PAUSE_S)
            worker.run()
    for worker in workers:
        worker.end()
    return workers, loads


def difference(worker, reference):
    """max |difference| / max |reference| of two files of logits."""
    import torch
    a, b = (torch.frombuffer(bytearray(open(x.output, 'rb').read()), dtype=torch.float32)
            for x in (worker, reference))
    return ((a - b).abs().max() / b.abs().max()).item()


def report(name, path, workers, loads):
    weights_mib = os.path.getsize(path + '.safetensors') / MIB
    rows = []
    for worker, times in zip(workers, loads):
        peak = max(worker.load_peak_mib, worker.run_peak_mib)
        rows.append({
            'time': statistics.median(worker.times),
            'minimum': min(worker.times),
            'peak': peak,
            'beyond': peak - worker.start_mib - weights_mib,
            'running': worker.run_peak_mib - worker.start_mib - weights_mib,
            'first': statistics.median(time for time, _ in times),
            'load': statistics.median(time for _, time in times),
            'error': difference(worker, workers[1]),
        })

    print(f'\n{name}: weights {weights_mib:.0f} MiB')
    print(f'{"":22} {"ms/image":>9} {"best":>8} {"peak MiB":>9} {"beyond":>7} {"running":>8} '
          f'{"load ms":>8} {"to first":>9} {"difference":>11}')
    for worker, row in zip(workers, rows):
        print(f'{worker.name:22} {row["time"]:9.1f} {row["minimum"]:8.1f} {row["peak"]:9.0f} '
              f'{row["beyond"]:7.0f} {row["running"]:8.0f} {row["load"]:8.0f} '
              f'{row["first"]:9.0f} {row["error"]:11.1e}')
    print('scenescope / the best peer:', ', '.join(
        f'{key} {rows[0][key] / min(row[key] for row in rows[1:]):.2f}'
        for key in ('time', 'peak', 'beyond', 'running', 'first')), flush=True)


def check_programs(arguments):
    missing = []
    try:
        import torch  # noqa: F401
    except ImportError:
        missing.append('PyTorch for /usr/bin/python3 (Debian: python3-torch)')
    if shutil.which('node') is None:
        missing.append('node (Debian: nodejs)')
    if not os.path.isdir(os.path.join(arguments.cache, 'node_modules', 'onnxruntime-node')):
        missing.append(f'onnxruntime-node in {arguments.cache} (README.md tells how)')
    for program in ('tests/peer-scenescope', 'app/scenescope'):
        if not os.path.exists(os.path.join(arguments.build, program)):
            missing.append(f'{program} in {arguments.build} (meson setup, ninja)')
    if missing:
        sys.exit('missing: ' + '; '.join(missing))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('network', nargs='*', help='of networks.py; default: all')
    parser.add_argument('--build', default=os.path.join(SOURCE, 'build'), help='build folder')
    parser.add_argument('--cache', default=CACHE, help='where files and packages are kept')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--repeat', type=int, default=5, help='timed images of each program')
    parser.add_argument('--loads', type=int, default=3, help='timed starts of each program')
    parser.add_argument('--prepare', action='store_true', help='make the files, measure nothing')
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    check_programs(arguments)
    from networks import NETWORKS, prepare
    for name in arguments.network or NETWORKS:
        if name not in NETWORKS:
            sys.exit(f'there is no network “{name}”; there are {", ".join(NETWORKS)}')
        path = prepare(name, arguments.cache, os.path.join(arguments.build, 'app', 'scenescope'))
        if not arguments.prepare:
            report(name, path, *measure(name, path, arguments))


if __name__ == '__main__':
    main()
