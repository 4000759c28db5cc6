#!/usr/bin/env python3
"""Make golden checkpoints of the deepest networks of the official layout with PyTorch (Debian: python3-torch), so narrow
that the files stay small, and of one without a pyramid but with an auxiliary head.

usage: depths.py OUT_DIR

For every case: OUT_DIR/NAME.pth, float16, without counters of batches, as before PyTorch 0.4.1, and
OUT_DIR/NAME.golden.safetensors as golden.py describes it."""
import os, sys
import torch
import torch.nn as nn
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from family import finish_weights
from golden import activations, save_safetensors
from pspnet import PSPNet

CASES = {  # name: depth, classes, pyramid, auxiliary head
    'deep152': (152, 6, True, True),
    'deep269': (269, 5, True, False),
    'bare50': (50, 4, False, True),
}
WIDTH, HEAD, SIZE = 2, 8, (41, 57)


class Bare(nn.Module):
    """In place of the pyramid."""
    pooled = ()

    def forward(self, x):
        return x


def calm(model):
    """Keeps the sums over many blocks of order one, by a factor that float16 holds."""
    for stage in (model.layer1, model.layer2, model.layer3, model.layer4):
        for block in stage:
            block.bn3.weight.data *= .25 if len(stage) > 4 else 1


def main(out):
    for k, (name, (depth, classes, pyramid, auxiliary)) in enumerate(CASES.items()):
        model = PSPNet(depth, classes, (1, 2, 3, 6), WIDTH, HEAD)
        if not pyramid:
            model.ppm = Bare()
            model.cls[0] = nn.Conv2d(32 * WIDTH, HEAD, 3, padding=1, bias=False)
        finish_weights(model, 700 + k)
        calm(model)
        x = torch.randn(1, 3, *SIZE, generator=torch.Generator().manual_seed(70 + k))
        tensors = {n: t for n, t in activations(model, x).items() if auxiliary or not n.startswith('aux')}
        assert all(t.abs().max() > .1 for t in tensors.values()), 'a golden tensor without content'
        torch.save({'epoch': 1, 'state_dict': {
            'module.' + n: t.half() for n, t in model.state_dict().items()
            if not n.endswith('num_batches_tracked') and (auxiliary or not n.startswith('aux'))
        }}, os.path.join(out, name + '.pth'))
        save_safetensors(os.path.join(out, name + '.golden.safetensors'), tensors,
                         {'bins': '1,2,3,6'} if pyramid else None)
        print(name, *(f'{n}{list(t.shape)} rms {t.pow(2).mean().sqrt():.3f}' for n, t in tensors.items()), sep='\n  ')


if __name__ == '__main__':
    main(sys.argv[1])
