#!/usr/bin/env python3
"""Make golden checkpoints of the kind of CSAIL's semantic-segmentation-pytorch and what PyTorch computes with them; our
own, independent of the engine, written from a description of that project's networks.

usage: reference-csail.py OUT_DIR

For each case encoder_NAME.pth and decoder_NAME.pth (plain state dicts, float16), NAME.golden.safetensors and
NAME.photo.safetensors (see README.md)."""
import os, sys
import torch
import torch.nn as nn
import torch.nn.functional as F
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from family import finish_weights, save_case

CASES = {  # name: seed, depth, width, classes, deep supervision, H, W
    'csail18': (400, 18, 6, 6, True, 72, 64),
    'csail50': (401, 50, 4, 5, False, 64, 88),
}
BLOCKS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}


class Block(nn.Module):
    def __init__(self, bottleneck, cin, planes, stride):
        super().__init__()
        self.bottleneck = bottleneck
        cout = planes * (4 if bottleneck else 1)
        if bottleneck:
            self.conv1, self.bn1 = nn.Conv2d(cin, planes, 1, bias=False), nn.BatchNorm2d(planes)
            self.conv2, self.bn2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False), nn.BatchNorm2d(planes)
            self.conv3, self.bn3 = nn.Conv2d(planes, cout, 1, bias=False), nn.BatchNorm2d(cout)
        else:
            self.conv1, self.bn1 = nn.Conv2d(cin, planes, 3, stride, 1, bias=False), nn.BatchNorm2d(planes)
            self.conv2, self.bn2 = nn.Conv2d(planes, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        shortcut = self.downsample(x) if hasattr(self, 'downsample') else x
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.bottleneck:
            y = self.bn3(self.conv3(F.relu(y)))
        return F.relu(y + shortcut)


def dilate(stage, dilation):
    """What had stride 2 gets stride 1 and half the dilation; every other 3x3 convolution the whole of it."""
    for conv in (m for m in stage.modules() if isinstance(m, nn.Conv2d)):
        strided = conv.stride == (2, 2)
        conv.stride = (1, 1)
        if conv.kernel_size == (3, 3):
            d = dilation // 2 if strided else dilation
            conv.dilation = conv.padding = (d, d)


class Encoder(nn.Module):
    """A ResNet of stride 32 whose last two stages are dilated afterwards; a deep stem at every depth."""
    def __init__(self, depth, width):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, 2 * width, 3, 1, 1, bias=False), nn.BatchNorm2d(2 * width)
        cin = 2 * width
        for s, n in enumerate(BLOCKS[depth]):
            planes, blocks = width << s, []
            for b in range(n):
                blocks.append(Block(depth >= 50, cin, planes, 2 if s > 0 and b == 0 else 1))
                cin = planes * (4 if depth >= 50 else 1)
            setattr(self, f'layer{s + 1}', nn.Sequential(*blocks))
        dilate(self.layer3, 2)
        dilate(self.layer4, 4)
        self.channels = cin

    def forward(self, x):
        for i in (1, 2, 3):
            x = F.relu(getattr(self, f'bn{i}')(getattr(self, f'conv{i}')(x)))
        out = [F.max_pool2d(x, 3, 2, 1)]
        for s in range(1, 5):
            out.append(getattr(self, f'layer{s}')(out[-1]))
        return out


class Decoder(nn.Module):
    def __init__(self, cin, branch, classes, deep):
        super().__init__()
        self.ppm = nn.ModuleList([nn.Sequential(nn.AdaptiveAvgPool2d(b), nn.Conv2d(cin, branch, 1, bias=False),
                                                nn.BatchNorm2d(branch), nn.ReLU()) for b in (1, 2, 3, 6)])
        self.conv_last = nn.Sequential(nn.Conv2d(cin + 4 * branch, branch, 3, padding=1, bias=False),
                                       nn.BatchNorm2d(branch), nn.ReLU(), nn.Dropout2d(.1), nn.Conv2d(branch, classes, 1))
        if deep:
            self.cbr_deepsup = nn.Sequential(nn.Conv2d(cin // 2, cin // 4, 3, padding=1, bias=False),
                                             nn.BatchNorm2d(cin // 4), nn.ReLU())
            self.conv_last_deepsup = nn.Conv2d(cin // 4, classes, 1)

    def forward(self, stages):
        x = stages[4]
        self.pooled = [p(x) for p in self.ppm]
        up = [F.interpolate(p, x.shape[2:], mode='bilinear', align_corners=False) for p in self.pooled]
        out = {'logits': self.conv_last(torch.cat([x] + up, 1))}
        if hasattr(self, 'cbr_deepsup'):
            out['aux'] = self.conv_last_deepsup(self.cbr_deepsup(stages[3]))
        return out


class Network(nn.Module):
    def __init__(self, depth, width, classes, deep):
        super().__init__()
        self.encoder = Encoder(depth, width)
        self.decoder = Decoder(self.encoder.channels, 16, classes, deep)

    def activations(self, x, size=None):
        stages = self.encoder(x)
        out = {'input': x, 'layer0': stages[0], 'layer3': stages[3], 'layer4': stages[4], **self.decoder(stages)}
        out.update({f'ppm.{p.shape[2]}': p for p in self.decoder.pooled})
        out['logits_full'] = F.interpolate(out['logits'], size or x.shape[2:], mode='bilinear', align_corners=False)
        return out

    def whole(self, photo):
        """photo [1,3,h,w], 0 to 255: resized up to multiples of 8; logits enlarged straight to the photo's size."""
        h, w = photo.shape[2:]
        mean = torch.tensor([.485, .456, .406]).view(1, 3, 1, 1)
        std = torch.tensor([.229, .224, .225]).view(1, 3, 1, 1)
        resized = F.interpolate(photo, (h + -h % 8, w + -w % 8), mode='bilinear', align_corners=False)
        return self.activations((resized / 255 - mean) / std, (h, w))['logits_full'].softmax(1)


def save(module, path):
    """SynchronizedBatchNorm leaves three more buffers with each normalisation."""
    state = {}
    for name, tensor in module.state_dict().items():
        state[name] = tensor.half() if tensor.is_floating_point() else tensor
        if name.endswith('.running_var') or name == 'running_var':
            base = name[:-len('running_var')]
            state[base + '_tmp_running_mean'] = state[base + '_tmp_running_var'] = torch.zeros_like(tensor)
            state[base + '_running_iter'] = torch.ones(1)
    torch.save(state, path)


def main(out):
    for name, (seed, depth, width, classes, deep, h, w) in CASES.items():
        model = finish_weights(Network(depth, width, classes, deep), seed)
        save(model.encoder, os.path.join(out, f'encoder_{name}.pth'))
        save(model.decoder, os.path.join(out, f'decoder_{name}.pth'))
        save_case(out, name, model, (h, w), {'bins': '1,2,3,6'})


if __name__ == '__main__':
    main(sys.argv[1])
