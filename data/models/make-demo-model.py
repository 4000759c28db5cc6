#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write a trained checkpoint as the demo's model file: convolutions in half precision, the rest in single.

usage: make-demo-model.py START.pth TUNED.pth SHARE TAXONOMY.json OUT.safetensors

The weights are those of START moved by SHARE (0 to 1) towards TUNED, which was trained from it: that keeps more of what
START knew than TUNED does. Both are {'state_dict': {'module.NAME': tensor}} as the official PyTorch training code saves
it. Needs PyTorch.
"""
import json
import struct
import sys

import torch

METADATA = {
    'format': 'scenescope',
    'version': '1',
    'family': 'pytorch-official',
    'bins': '1,2,3,6',
    'align_corners': 'true',
    'mean': '123.675,116.28,103.53',
    'std': '58.395,57.12,57.375',
    'channel_order': 'rgb',
    'pooling': 'average',
}


def load(path):
    return torch.load(path, map_location='cpu', weights_only=True)['state_dict']


def mix(start, tuned, share):
    """The tensors under their official names, single precision first, so that each lies aligned."""
    tensors = {}
    for key, value in tuned.items():
        if not key.endswith('num_batches_tracked'):
            value = torch.lerp(start[key].float(), value.float(), share)
            tensors[key.removeprefix('module.')] = value.half() if value.dim() == 4 else value
    return dict(sorted(tensors.items(), key=lambda item: (item[1].dtype == torch.float16, item[0])))


def write(path, tensors, metadata):
    header, blobs, offset = {'__metadata__': metadata}, [], 0
    for name, tensor in tensors.items():
        blob = tensor.contiguous().numpy().tobytes()
        header[name] = {
            'dtype': 'F16' if tensor.dtype == torch.float16 else 'F32',
            'shape': list(tensor.shape),
            'data_offsets': [offset, offset + len(blob)],
        }
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as out:
        out.write(struct.pack('<Q', len(text)) + text + b''.join(blobs))


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    start, tuned, share, taxonomy, out = sys.argv[1:]
    with open(taxonomy, encoding='utf-8') as file:
        classes = json.dumps(json.load(file), separators=(',', ':'))
    write(out, mix(load(start), load(tuned), float(share)), METADATA | {'taxonomy': classes})


if __name__ == '__main__':
    main()
