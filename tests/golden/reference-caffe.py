#!/usr/bin/env python3
"""Make golden checkpoints of the kind of the original PSPNet in Caffe and what PyTorch computes with them; our own,
independent of the engine, written from a description of that release's prototxt files.

usage: reference-caffe.py OUT_DIR

For each case NAME.caffemodel, NAME.golden.safetensors and NAME.photo.safetensors (see README.md)."""
import os, sys
import torch
import torch.nn as nn
import torch.nn.functional as F
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from family import finish_weights, save_case
import foreign

CASES = {  # name: seed, blocks, stride on the 1x1 convolution, width, classes, H, W, layers of BVLC's Caffe
    'caffe50': (600, (3, 4, 6, 3), True, 2, 6, 65, 81, False),
    'caffe101': (601, (3, 4, 23, 3), False, 2, 4, 73, 57, False),
    'caffe50bvlc': (602, (3, 4, 6, 3), True, 2, 5, 64, 80, True),
}
BINS = (1, 2, 3, 6)


class PSPNet(nn.Module):
    """Layers by their names in the prototxt, where “.” is not allowed and “/” is."""
    def __init__(self, blocks, stride_first, width, classes):
        super().__init__()
        self.blocks, self.convs, self.norms = blocks, nn.ModuleDict(), nn.ModuleDict()
        self.conv('conv1_1_3x3_s2', 3, width, 3, 2)
        self.conv('conv1_2_3x3', width, width, 3)
        self.conv('conv1_3_3x3', width, 2 * width, 3)
        cin = 2 * width
        for s, n in zip((2, 3, 4, 5), blocks):
            planes, dilation = width << (s - 2), {4: 2, 5: 4}.get(s, 1)
            for b in range(1, n + 1):
                stride = 2 if (s, b) == (3, 1) else 1
                self.conv(f'conv{s}_{b}_1x1_reduce', cin, planes, 1, stride if stride_first else 1)
                self.conv(f'conv{s}_{b}_3x3', planes, planes, 3, 1 if stride_first else stride, dilation)
                self.conv(f'conv{s}_{b}_1x1_increase', planes, 4 * planes, 1)
                if b == 1:
                    self.conv(f'conv{s}_{b}_1x1_proj', cin, 4 * planes, 1, stride)
                cin = 4 * planes
        for b in BINS:
            self.conv(f'conv5_3_pool{b}_conv', cin, cin // 4, 1)
        self.conv('conv5_4', 2 * cin, 12, 3)
        self.convs['conv6'] = nn.Conv2d(12, classes, 1)

    def conv(self, name, cin, cout, kernel, stride=1, dilation=1):
        self.convs[name] = nn.Conv2d(cin, cout, kernel, stride, kernel // 2 * dilation, dilation, bias=False)
        self.norms[name] = nn.BatchNorm2d(cout)

    def run(self, name, x, relu=True):
        y = self.norms[name](self.convs[name](x))
        return F.relu(y) if relu else y

    def activations(self, x):
        out = {'input': x}
        y = x.flip(1)  # the network reads blue first
        for name in ('conv1_1_3x3_s2', 'conv1_2_3x3', 'conv1_3_3x3'):
            y = self.run(name, y)
        y = out['layer0'] = F.max_pool2d(y, 3, 2, 1, ceil_mode=True)
        for s, n in zip((2, 3, 4, 5), self.blocks):
            for b in range(1, n + 1):
                shortcut = self.run(f'conv{s}_1_1x1_proj', y, False) if b == 1 else y
                y = self.run(f'conv{s}_{b}_3x3', self.run(f'conv{s}_{b}_1x1_reduce', y))
                y = F.relu(self.run(f'conv{s}_{b}_1x1_increase', y, False) + shortcut)
            out[f'layer{s - 1}'] = y
        levels = {b: self.run(f'conv5_3_pool{b}_conv', F.adaptive_avg_pool2d(y, b)) for b in BINS}
        out.update({f'ppm.{b}': p for b, p in levels.items()})
        up = [F.interpolate(levels[b], y.shape[2:], mode='bilinear', align_corners=True) for b in (6, 3, 2, 1)]
        out['logits'] = self.convs['conv6'](self.run('conv5_4', torch.cat([y] + up, 1)))
        size = [(n - 1) * 8 + 1 for n in y.shape[2:]]  # zoom_factor 8
        if size == list(x.shape[2:]):
            out['logits_full'] = F.interpolate(out['logits'], size, mode='bilinear', align_corners=True)
        return out

    def whole(self, photo):
        """photo [1,3,h,w], 0 to 255, red first: less the mean, not divided, padded right and bottom to 8n + 1."""
        mean = torch.tensor([123.68, 116.779, 103.939]).view(1, 3, 1, 1)
        h, w = photo.shape[2:]
        x = F.pad(photo - mean, (0, -(w - 1) % 8, 0, -(h - 1) % 8))
        return self.activations(x)['logits_full'][..., :h, :w].softmax(1)


def normalisation(number, name, n):
    """The fork's layer, or BVLC's two; layers, and what they make, are called as people call them."""
    blobs = (n.weight.data, n.bias.data, n.running_mean, n.running_var)
    if number < 0 or number % 5 == 4:
        blobs = [foreign.blob(t.view(1, -1, 1, 1)) for t in blobs]
        return foreign.layer(name + ('/bn' if number < 0 else '_bn'), 'BNData', *blobs)
    factor = torch.tensor([999.98])
    bn, scale, top = [(name + '/bn', name + '/bn/scale', name), (name + '_bn', name + '_scale', name),
                      (f'bn{number}', f'scale{number}', f'normal{number}'), (name + '/bn', name + '/scale', name)][number % 5]
    sums = (n.running_mean * factor, n.running_var * factor, factor)
    return (foreign.layer(bn, 'BatchNorm', *map(foreign.blob, sums), bottom=name, top=top) +
            foreign.layer(scale, 'Scale', *map(foreign.blob, blobs[:2]), bottom=top, top=top))


def caffemodel(model, bvlc):
    """Biases and normalisations in four dimensions; a layer that only training needs."""
    parts = [foreign.piece(1, 'pspnet'), foreign.layer('data', 'Input')]
    for number, (name, conv) in enumerate(model.convs.items()):
        bias = [] if conv.bias is None else [foreign.blob(conv.bias.data)]
        parts.append(foreign.layer(name, 'ConvolutionData', foreign.blob(conv.weight.data), *bias))
        if name in model.norms:
            parts.append(normalisation(number if bvlc else -1, name, model.norms[name]))
    parts.append(foreign.layer('conv4_aux', 'ConvolutionData', foreign.blob(torch.zeros(4, 2, 3, 3))))
    return b''.join(parts)


def main(out):
    for name, (seed, blocks, stride_first, width, classes, h, w, bvlc) in CASES.items():
        model = PSPNet(blocks, stride_first, width, classes)
        finish_weights(model, seed)
        model.convs['conv1_1_3x3_s2'].weight.data /= 64  # its input is not divided by a deviation
        with open(os.path.join(out, name + '.caffemodel'), 'wb') as f:
            f.write(caffemodel(model, bvlc))
        save_case(out, name, model, (h, w), {'bins': '1,2,3,6'}, scale=64)


if __name__ == '__main__':
    main(sys.argv[1])
