#!/usr/bin/env python3
"""Make golden checkpoints of segmentation_models.pytorch's kind and what PyTorch computes with them; our own,
independent of the engine, written from a description of that project's networks.

usage: reference-smp.py OUT_DIR

For each case NAME.pth (a plain state dict, float16), NAME.golden.safetensors and NAME.photo.safetensors (see
README.md).  `logits_full` is what that project gives with its default upsampling of 8: with a depth of 4, half as high
and wide as the input.  The probabilities of a photo come from the same logits, enlarged to the size of the input."""
import os, sys
import torch
import torch.nn as nn
import torch.nn.functional as F
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from family import finish_weights, save_case

CASES = {  # name: seed, encoder, encoder depth, width, classes, names of versions 0.0, batch normalisation, H, W
    'smp34': (301, 34, 3, 4, 6, False, True, 64, 88),
    'smp50': (300, 50, 4, 2, 5, False, True, 80, 96),
    'smp18': (301, 18, 5, 4, 4, True, True, 96, 64),
    'smp18plain': (300, 18, 3, 4, 3, False, False, 56, 72),
}
UPSAMPLING = 8  # the project's default, whatever the depth
BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}


def conv_bn(cin, cout, kernel, stride=1):
    return nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(cout)


class Block(nn.Module):
    """torchvision's, without dilation."""
    def __init__(self, bottleneck, cin, planes, stride):
        super().__init__()
        self.bottleneck = bottleneck
        cout = planes * (4 if bottleneck else 1)
        self.conv1, self.bn1 = conv_bn(cin, planes, 1 if bottleneck else 3, 1 if bottleneck else stride)
        self.conv2, self.bn2 = conv_bn(planes, planes, 3, stride if bottleneck else 1)
        if bottleneck:
            self.conv3, self.bn3 = conv_bn(planes, cout, 1)
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(*conv_bn(cin, cout, 1, stride))

    def forward(self, x):
        shortcut = self.downsample(x) if hasattr(self, 'downsample') else x
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.bottleneck:
            y = self.bn3(self.conv3(F.relu(y)))
        return F.relu(y + shortcut)


class Encoder(nn.Module):
    """All four stages are in the file; `depth` says how many features are used: 1 is the stem, 2 the first stage."""
    def __init__(self, layers, depth, width):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width)
        self.depth, cin, self.channels = depth, width, []
        for s, n in enumerate(BLOCKS[layers]):
            planes, blocks = width << s, []
            for b in range(n):
                blocks.append(Block(layers >= 50, cin, planes, 2 if s > 0 and b == 0 else 1))
                cin = planes * (4 if layers >= 50 else 1)
            setattr(self, f'layer{s + 1}', nn.Sequential(*blocks))
            self.channels.append(cin)

    def forward(self, x):
        out = [F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)]
        for s in range(1, self.depth):
            out.append(getattr(self, f'layer{s}')(out[-1]))
        return out


def conv_relu(cin, cout, norm):
    """A 1x1 convolution, with a bias where no batch normalisation follows."""
    parts = [nn.Conv2d(cin, cout, 1, bias=not norm)]
    return nn.Sequential(*parts, *([nn.BatchNorm2d(cout)] if norm else []), nn.ReLU())


class Decoder(nn.Module):
    def __init__(self, cin, norm):
        super().__init__()
        self.branches = nn.ModuleList([conv_relu(cin, cin // 4, norm and b > 1) for b in (1, 2, 3, 6)])
        self.fuse = conv_relu(2 * cin, 12, norm)

    def forward(self, x):
        self.pooled = [c(F.adaptive_avg_pool2d(x, b)) for c, b in zip(self.branches, (1, 2, 3, 6))]
        up = [F.interpolate(p, x.shape[2:], mode='bilinear', align_corners=True) for p in self.pooled]
        return self.fuse(torch.cat(up + [x], 1))  # the features stand last


class PSPNet(nn.Module):
    def __init__(self, layers, depth, width, classes, norm):
        super().__init__()
        self.encoder = Encoder(layers, depth, width)
        self.decoder = Decoder(self.encoder.channels[depth - 2], norm)
        self.head = nn.Conv2d(12, classes, 3, padding=1)
        self.stride = 2 ** depth  # of the logits

    def activations(self, x):
        stages = self.encoder(x)
        logits = self.head(self.decoder(stages[-1]))
        full = F.interpolate(logits, scale_factor=UPSAMPLING, mode='bilinear', align_corners=True)
        out = {'input': x, 'layer0': stages[0], f'layer{len(stages) - 1}': stages[-1]}
        out.update({f'ppm.{p.shape[2]}': p for p in self.decoder.pooled})
        return {**out, 'logits': logits, 'logits_full': full}

    def whole(self, photo):
        """photo [1,3,h,w], 0 to 255: padded right and bottom with the mean (0) to a multiple of the stride."""
        mean = torch.tensor([.485, .456, .406]).view(1, 3, 1, 1)
        std = torch.tensor([.229, .224, .225]).view(1, 3, 1, 1)
        h, w = photo.shape[2:]
        x = F.pad((photo / 255 - mean) / std, (0, -w % self.stride, 0, -h % self.stride))
        logits = self.activations(x)['logits']
        return F.interpolate(logits, x.shape[2:], mode='bilinear', align_corners=True)[..., :h, :w].softmax(1)


NEW = (('decoder.branches.{0}.{1}', 'decoder.psp.blocks.{0}.pool.1.{1}'), ('decoder.fuse.', 'decoder.conv.'),
       ('head.', 'segmentation_head.0.'))
OLD = (('decoder.branches.{0}.{1}', 'decoder.psp.stages.{0}.pool.1.block.{1}'),
       ('decoder.fuse.', 'decoder.conv.block.'), ('head.', 'decoder.final_conv.'))


def rename(name, old):
    (_, branch), fuse, head = OLD if old else NEW
    if name.startswith('decoder.branches.'):
        _, _, level, part, rest = name.split('.')
        return branch.format(level, part) + '.' + rest
    for own, theirs in (fuse, head):
        if name.startswith(own):
            return theirs + name[len(own):]
    return name


def main(out):
    for name, (seed, layers, depth, width, classes, old, norm, h, w) in CASES.items():
        model = finish_weights(PSPNet(layers, depth, width, classes, norm), seed)
        state = {rename(n, old): t.half() if t.is_floating_point() else t for n, t in model.state_dict().items()}
        torch.save(state, os.path.join(out, name + '.pth'))
        save_case(out, name, model, (h, w), {'bins': '1,2,3,6'})


if __name__ == '__main__':
    main(sys.argv[1])
