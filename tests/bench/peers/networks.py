# SPDX-License-Identifier: MIT
"""The networks that peers.py compares on, and the files that each of the programs reads."""
import os
import subprocess
import sys

import torch

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'golden')
sys.path.insert(0, GOLDEN)
from golden import randomise  # noqa: E402
from pspnet import PSPNet  # noqa: E402

NETWORKS = {  # name: depth, classes, height, width
    'pspnet50-473': (50, 150, 473, 473),
    'pspnet50-713': (50, 19, 713, 713),
    'pspnet101-473': (101, 150, 473, 473),
    'pspnet18-480x360': (18, 11, 360, 480),
}
BINS = (1, 2, 3, 6)


def build(name):
    """The network without its auxiliary branch, which only training needs; weights undefined."""
    depth, classes, _, _ = NETWORKS[name]
    model = PSPNet(depth, classes, BINS)
    del model.aux
    return model.eval()


def main_logits(model, x):
    """Logits at an eighth of the resolution."""
    return model.cls(model.ppm(model.layer4(model.layer3(model.layer2(model.layer1(
        model.layer0(x)))))))


class BinPool(torch.nn.Module):
    """Adaptive average pooling as slices and means, which can be exported for any size."""

    def __init__(self, bins):
        super().__init__()
        self.bins = bins

    def edges(self, length):
        return [(i * length // self.bins, -(-(i + 1) * length // self.bins))
                for i in range(self.bins)]

    def forward(self, x):
        height, width = int(x.shape[2]), int(x.shape[3])
        return torch.cat([torch.cat([x[:, :, top:bottom, left:right].mean((2, 3), keepdim=True)
                                     for left, right in self.edges(width)], 3)
                          for top, bottom in self.edges(height)], 2)


class Exported(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model
        for level, bins in zip(model.ppm.features, BINS):
            level[0] = BinPool(bins)

    def forward(self, x):
        return main_logits(self.model, x)


def prepare(name, folder, scenescope):
    """Makes what is missing in FOLDER: NAME.pth, .safetensors, .onnx and .input."""
    depth, classes, height, width = NETWORKS[name]
    path = os.path.join(folder, name)
    os.makedirs(folder, exist_ok=True)
    if all(os.path.exists(path + end) for end in ('.pth', '.safetensors', '.onnx', '.input')):
        return path

    print(f'{name}: making its files', file=sys.stderr)
    model = build(name)
    randomise(model, depth)
    x = torch.randn(1, 3, height, width, generator=torch.Generator().manual_seed(1))
    with open(path + '.input', 'wb') as file:
        file.write(x.numpy().tobytes())
    torch.save({'state_dict': {'module.' + key: value
                               for key, value in model.state_dict().items()}}, path + '.pth')
    subprocess.run([scenescope, 'model', 'convert', path + '.pth', path + '.safetensors',
                    '--bins', ','.join(map(str, BINS))], check=True)
    with torch.no_grad():
        torch.onnx.export(Exported(model), x, path + '.onnx', opset_version=13,
                          do_constant_folding=True, input_names=['input'],
                          output_names=['logits'])
    return path
