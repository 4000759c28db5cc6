#!/usr/bin/env python3
"""Make golden checkpoints of GluonCV's kind and what PyTorch computes with them; our own, independent of the engine,
written from a description of that project's networks.

usage: reference-gluoncv.py OUT_DIR

For each case NAME.params (MXNet), NAME.golden.safetensors and NAME.photo.safetensors (see README.md)."""
import os, sys
import torch
import torch.nn as nn
import torch.nn.functional as F
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from family import finish_weights, save_case
import foreign

CASES = {  # name: seed, depth, width, classes, deep stem, auxiliary head, bins, H, W
    'gluon50': (500, 50, 2, 5, True, True, (1, 2, 3, 6), 66, 87),
    'gluon50b': (501, 50, 2, 4, False, False, (1, 2, 3, 4), 59, 80),  # the bins of early versions
}
BLOCKS = {50: (3, 4, 6, 3)}


class Block(nn.Module):
    def __init__(self, cin, planes, stride, dilation):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, planes, 1, bias=False), nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, dilation, dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3, self.bn3 = nn.Conv2d(planes, 4 * planes, 1, bias=False), nn.BatchNorm2d(4 * planes)
        if stride != 1 or cin != 4 * planes:
            self.downsample = nn.Sequential(nn.Conv2d(cin, 4 * planes, 1, stride, bias=False), nn.BatchNorm2d(4 * planes))

    def forward(self, x):
        y = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return F.relu(self.bn3(self.conv3(y)) + (self.downsample(x) if hasattr(self, 'downsample') else x))


def branch(cin, cout, kernel, classes=None):
    layers = [nn.Conv2d(cin, cout, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(cout), nn.ReLU()]
    return nn.Sequential(*layers, *([nn.Dropout(.1), nn.Conv2d(cout, classes, 1)] if classes else []))


class PSP(nn.Module):
    def __init__(self, cin, bins):
        super().__init__()
        self.bins = bins
        self.conv1, self.conv2, self.conv3, self.conv4 = (branch(cin, cin // 4, 1) for _ in range(4))

    def forward(self, x):
        convs = (self.conv1, self.conv2, self.conv3, self.conv4)
        self.pooled = [c(F.adaptive_avg_pool2d(x, b)) for c, b in zip(convs, self.bins)]
        return torch.cat([x] + [F.interpolate(p, x.shape[2:], mode='bilinear', align_corners=True)
                                for p in self.pooled], 1)


class Head(nn.Module):
    def __init__(self, cin, classes, bins=None):
        super().__init__()
        if bins:
            self.psp = PSP(cin, bins)
        self.block = branch(2 * cin if bins else cin, cin // 4, 3, classes)

    def forward(self, x):
        return self.block(self.psp(x) if hasattr(self, 'psp') else x)


class PSPNet(nn.Module):
    def __init__(self, depth, width, classes, deep, auxiliary, bins):
        super().__init__()
        cin = 2 * width if deep else width
        self.conv1 = nn.Sequential(
            nn.Conv2d(3, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, cin, 3, 1, 1, bias=False)) if deep else nn.Conv2d(3, cin, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(cin)
        for s, (n, stride, first, rest) in enumerate(zip(BLOCKS[depth], (1, 2, 1, 1), (1, 1, 1, 2), (1, 1, 2, 4))):
            blocks = []
            for b in range(n):
                blocks.append(Block(cin, width << s, stride if b == 0 else 1, first if b == 0 else rest))
                cin = 4 * (width << s)
            setattr(self, f'layer{s + 1}', nn.Sequential(*blocks))
        self.head = Head(cin, classes, bins)
        if auxiliary:
            self.auxlayer = Head(cin // 2, classes)

    def activations(self, x):
        out = {'input': x, 'layer0': F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)}
        y = out['layer0']
        for s in range(1, 5):
            y = out[f'layer{s}'] = getattr(self, f'layer{s}')(y)
        out['logits'] = self.head(y)
        if hasattr(self, 'auxlayer'):
            out['aux'] = self.auxlayer(out['layer3'])
        out.update({f'ppm.{p.shape[2]}': p for p in self.head.psp.pooled})
        out['logits_full'] = F.interpolate(out['logits'], x.shape[2:], mode='bilinear', align_corners=True)
        return out

    def whole(self, photo):
        """photo [1,3,h,w], 0 to 255: any size is fed as it is, and logits are enlarged to it."""
        mean = torch.tensor([.485, .456, .406]).view(1, 3, 1, 1)
        std = torch.tensor([.229, .224, .225]).view(1, 3, 1, 1)
        return self.activations((photo / 255 - mean) / std)['logits_full'].softmax(1)


def gluon_names(model):
    """Batch normalisation has gamma and beta there."""
    norms = {n for n, m in model.named_modules() if isinstance(m, nn.BatchNorm2d)}
    for name, tensor in model.state_dict().items():
        module, _, kind = name.rpartition('.')
        if kind != 'num_batches_tracked':
            kind = {'weight': 'gamma', 'bias': 'beta'}.get(kind, kind) if module in norms else kind
            yield f'{module}.{kind}', tensor


def main(out):
    for name, (seed, *how, h, w) in CASES.items():
        model = finish_weights(PSPNet(*how), seed)
        tensors = dict(gluon_names(model))
        with open(os.path.join(out, name + '.params'), 'wb') as f:
            f.write(foreign.params([foreign.array(t) for t in tensors.values()], list(tensors)))
        bins = how[-1]
        save_case(out, name, model, (h, w), {'bins': ','.join(map(str, bins))} if bins[3] != 6 else {})


if __name__ == '__main__':
    main(sys.argv[1])
