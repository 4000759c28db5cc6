#!/usr/bin/env python3
"""Make golden checkpoints of mmsegmentation's kind and what PyTorch computes with them; our own, independent of the
engine, written from a description of that project's networks.

usage: reference-mmsegmentation.py OUT_DIR

For each case NAME.pth ({'meta', 'state_dict'}, float16 weights), NAME.golden.safetensors and NAME.photo.safetensors
(see README.md)."""
import os, sys
import torch
import torch.nn as nn
import torch.nn.functional as F
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from family import finish_weights, save_case

CASES = {  # name: depth, deep stem, width, classes, align corners, H, W
    'mmseg18': (18, True, 8, 5, False, 70, 61),
    'mmseg18b': (18, False, 8, 4, True, 57, 73),
    'mmseg50': (50, True, 4, 7, True, 66, 83),
}
NAMES = ['road ', 'sidewalk', 'building', 'wall', 'fence', 'pole', 'sky']
CONFIG = '''norm_cfg = dict(type='SyncBN', requires_grad=True)
model = dict(
    type='EncoderDecoder',
    decode_head=dict(
        type='PSPHead', in_channels=2048, channels=512, pool_scales=(1, 2, 3, 6), dropout_ratio=0.1, num_classes=7,
        align_corners=True),
    auxiliary_head=dict(type='FCNHead', num_classes=7, align_corners=False),
    test_cfg=dict(mode='slide', crop_size=(769, 769), stride=(513, 513)))
img_norm_cfg = dict(
    mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True)
'''
META = {  # what 0.x and mmengine 1.x leave beside the weights
    'mmseg18': {'dataset_meta': {'classes': tuple(NAMES[:5]), 'palette': [[1, 2, 3]] * 5}, 'cfg': ''},
    'mmseg18b': {'PALETTE': [[1, 2, 3]]},
    'mmseg50': {'config': CONFIG, 'CLASSES': NAMES, 'PALETTE': [[128, 64, 128]] * 7},
}
BLOCKS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}


class Block(nn.Module):
    """ResNet with contract_dilation: the first block of a dilated stage has half the dilation.  A basic block dilates
    its first convolution only."""
    def __init__(self, bottleneck, cin, planes, stride, dilation):
        super().__init__()
        self.bottleneck = bottleneck
        cout = planes * (4 if bottleneck else 1)
        if bottleneck:
            self.conv1, self.bn1 = nn.Conv2d(cin, planes, 1, bias=False), nn.BatchNorm2d(planes)
            self.conv2 = nn.Conv2d(planes, planes, 3, stride, dilation, dilation, bias=False)
            self.bn2 = nn.BatchNorm2d(planes)
            self.conv3, self.bn3 = nn.Conv2d(planes, cout, 1, bias=False), nn.BatchNorm2d(cout)
        else:
            self.conv1 = nn.Conv2d(cin, planes, 3, stride, dilation, dilation, bias=False)
            self.bn1 = nn.BatchNorm2d(planes)
            self.conv2, self.bn2 = nn.Conv2d(planes, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        shortcut = self.downsample(x) if hasattr(self, 'downsample') else x
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.bottleneck:
            y = self.bn3(self.conv3(F.relu(y)))
        return F.relu(y + shortcut)


class ResNet(nn.Module):
    def __init__(self, depth, deep_stem, width):
        super().__init__()
        bottleneck = depth >= 50
        if deep_stem:  # ResNet-V1c: half the width, half, the width
            h = width // 2
            self.stem = nn.Sequential(
                nn.Conv2d(3, h, 3, 2, 1, bias=False), nn.BatchNorm2d(h), nn.ReLU(),
                nn.Conv2d(h, h, 3, 1, 1, bias=False), nn.BatchNorm2d(h), nn.ReLU(),
                nn.Conv2d(h, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        else:
            self.conv1, self.bn1 = nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width)
        self.deep_stem = deep_stem
        cin = width
        for s, (n, stride, dilation) in enumerate(zip(BLOCKS[depth], (1, 2, 1, 1), (1, 1, 2, 4))):
            planes, blocks = width << s, []
            for b in range(n):
                first = dilation // 2 if b == 0 and dilation > 1 else dilation
                blocks.append(Block(bottleneck, cin, planes, stride if b == 0 else 1, first))
                cin = planes * (4 if bottleneck else 1)
            setattr(self, f'layer{s + 1}', nn.Sequential(*blocks))
        self.channels = cin

    def forward(self, x):
        x = self.stem(x) if self.deep_stem else F.relu(self.bn1(self.conv1(x)))
        out = [F.max_pool2d(x, 3, 2, 1)]
        for s in range(1, 5):
            out.append(getattr(self, f'layer{s}')(out[-1]))
        return out


class ConvModule(nn.Module):
    def __init__(self, cin, cout, kernel):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, padding=kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(cout)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class PSPHead(nn.Module):
    def __init__(self, cin, channels, classes, align):
        super().__init__()
        self.align = align
        self.psp_modules = nn.ModuleList([nn.Sequential(nn.AdaptiveAvgPool2d(b), ConvModule(cin, channels, 1))
                                          for b in (1, 2, 3, 6)])
        self.bottleneck = ConvModule(cin + 4 * channels, channels, 3)
        self.conv_seg = nn.Conv2d(channels, classes, 1)

    def forward(self, x):
        self.pooled = [m(x) for m in self.psp_modules]
        up = [F.interpolate(p, x.shape[2:], mode='bilinear', align_corners=self.align) for p in self.pooled]
        return self.conv_seg(self.bottleneck(torch.cat([x] + up, 1)))


class FCNHead(nn.Module):
    def __init__(self, cin, channels, classes):
        super().__init__()
        self.convs = nn.Sequential(ConvModule(cin, channels, 3))
        self.conv_seg = nn.Conv2d(channels, classes, 1)

    def forward(self, x):
        return self.conv_seg(self.convs(x))


class Segmentor(nn.Module):
    def __init__(self, depth, deep_stem, width, classes, align):
        super().__init__()
        self.align = align
        self.backbone = ResNet(depth, deep_stem, width)
        cin = self.backbone.channels
        self.decode_head = PSPHead(cin, cin // 4, classes, align)
        self.auxiliary_head = FCNHead(cin // 2, cin // 8, classes)

    def activations(self, x):
        stages = self.backbone(x)
        logits, aux = self.decode_head(stages[4]), self.auxiliary_head(stages[3])
        out = {'input': x, 'layer0': stages[0], 'layer3': stages[3], 'layer4': stages[4]}
        out.update({f'ppm.{p.shape[2]}': p for p in self.decode_head.pooled})
        full = F.interpolate(logits, x.shape[2:], mode='bilinear', align_corners=self.align)
        return {**out, 'logits': logits, 'aux': aux, 'logits_full': full}

    def whole(self, photo):
        """photo [1,3,h,w], 0 to 255: any size is fed as it is; logits enlarged to that size."""
        mean = torch.tensor([123.675, 116.28, 103.53]).view(1, 3, 1, 1)
        std = torch.tensor([58.395, 57.12, 57.375]).view(1, 3, 1, 1)
        return self.activations((photo - mean) / std)['logits_full'].softmax(1)


def main(out):
    for seed, (name, (depth, deep, width, classes, align, h, w)) in enumerate(CASES.items()):
        model = finish_weights(Segmentor(depth, deep, width, classes, align), 200 + seed)
        state = {n: t.half() if t.is_floating_point() else t for n, t in model.state_dict().items()}
        torch.save({'meta': META[name], 'state_dict': state}, os.path.join(out, name + '.pth'))
        save_case(out, name, model, (h, w), {'bins': '1,2,3,6', 'align_corners': str(align).lower()})


if __name__ == '__main__':
    main(sys.argv[1])
