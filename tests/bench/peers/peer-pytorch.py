#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PyTorch as a worker of peers.py (see README.md for what it is told and answers).

usage: peer-pytorch.py NETWORK PATH THREADS OUTPUT contiguous|channels_last"""
import sys
import time

import torch

from networks import NETWORKS, build, main_logits


def load(name, path, layout):
    # Weights that are read from a file need no random start.
    torch.nn.Conv2d.reset_parameters = lambda self: None
    model = build(name)
    state = torch.load(path + '.pth')['state_dict']
    model.load_state_dict({key[len('module.'):]: value for key, value in state.items()})
    return model.to(memory_format=layout)


def main(name, path, threads, output, layout):
    _, _, height, width = NETWORKS[name]
    layout = getattr(torch, layout + '_format' if layout == 'contiguous' else layout)
    torch.set_num_threads(int(threads))
    x = torch.frombuffer(bytearray(open(path + '.input', 'rb').read()), dtype=torch.float32)
    x = x.view(1, 3, height, width).contiguous(memory_format=layout)
    model = None
    print('ready', torch.__version__, torch.get_num_threads(), flush=True)

    for line in sys.stdin:
        start = time.perf_counter()
        if line.strip() == 'load':
            model = load(name, path, layout)
        loaded = time.perf_counter()
        with torch.inference_mode():
            logits = main_logits(model, x)
        done = time.perf_counter()
        if line.strip() == 'load':
            with open(output, 'wb') as file:
                file.write(logits.contiguous().numpy().tobytes())
        print((loaded - start) * 1e3, (done - loaded) * 1e3, flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
