#!/usr/bin/env python3
"""Make golden checkpoints of the pyramid's variants with PyTorch (Debian: python3-torch), and what each level adds.

usage: pyramid.py OUT_DIR

For every case: OUT_DIR/NAME.pth in the official layout, float16, and OUT_DIR/NAME.golden.safetensors with input, layer4,
ppm.BIN.pooled, ppm.BIN, ppm.BIN.upsampled, head.features and head.BIN (the first convolution of the head, normalised but
for its bias, where all other channels of the concatenation are zero), head (after the ReLU), logits; metadata: bins and
pooling, which no checkpoint holds.  OUT_DIR/pyramid18.without.safetensors: logits where the levels of the tensor's name
are zero after the upsampling."""
import os, sys
import torch
import torch.nn as nn
import torch.nn.functional as F
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from family import finish_weights
from golden import save_safetensors
from pspnet import PSPNet

CASES = {  # name: bins, pooling, whether a 1x1 convolution follows
    'pyramid18': ((1, 2, 3, 6), 'average', True),
    'max18': ((1, 2, 3, 6), 'max', True),
    'plain18': ((1, 3), 'average', False),
    'three18': ((2, 5, 1), 'max', False),
    'bare18': ((), 'average', False),
}
CLASSES, WIDTH, HEAD, SIZE = 7, 4, 16, (73, 57)
WITHOUT = ((1, 6), (3,), (1, 2, 3, 6))


class Network(PSPNet):
    def __init__(self, bins, pooling, reduced):
        super().__init__(18, CLASSES, bins or (1,), WIDTH, HEAD)
        channels = 8 * WIDTH
        self.bins, self.pool = bins, F.adaptive_avg_pool2d if pooling == 'average' else F.adaptive_max_pool2d
        inputs = channels * (2 if reduced else 1 + len(bins))
        self.cls[0] = nn.Conv2d(inputs, HEAD, 3, padding=1, bias=False)
        if not reduced:
            del self.ppm
        del self.aux
        self.reduced = reduced

    def activations(self, x):
        out = {'input': x}
        x = out['layer4'] = self.layer4(self.layer3(self.layer2(self.layer1(self.layer0(x)))))
        parts = {'features': x}
        for i, b in enumerate(self.bins):
            level = self.pool(x, b)
            if self.reduced:
                out[f'ppm.{b}.pooled'] = level
                level = self.ppm.features[i][1:](level)
            out[f'ppm.{b}'] = level
            parts[str(b)] = out[f'ppm.{b}.upsampled'] = F.interpolate(level, x.shape[2:], mode='bilinear',
                                                                      align_corners=True)
        norm = self.cls[1]
        scale = (norm.weight / torch.sqrt(norm.running_var + norm.eps))[:, None, None]
        for name in parts if self.bins else ():
            alone = torch.cat([v if k == name else torch.zeros_like(v) for k, v in parts.items()], 1)
            out[f'head.{name}'] = self.cls[0](alone) * scale
        whole = torch.cat(list(parts.values()), 1)
        out['head'] = F.relu(norm(self.cls[0](whole)))
        out['logits'] = self.cls(whole)
        self.parts = parts
        return out

    def without(self, bins):
        return self.cls(torch.cat([torch.zeros_like(v) if k in map(str, bins) else v
                                   for k, v in self.parts.items()], 1))


def main(out):
    for k, (name, (bins, pooling, reduced)) in enumerate(CASES.items()):
        model = finish_weights(Network(bins, pooling, reduced), 300 + k)
        x = torch.randn(1, 3, *SIZE, generator=torch.Generator().manual_seed(40 + k))
        with torch.no_grad():
            tensors = model.activations(x)
            assert all(t.abs().max() > .1 for t in tensors.values()), 'a golden tensor without content'
            metadata = {'bins': ','.join(map(str, bins))} if bins else {}
            save_safetensors(os.path.join(out, name + '.golden.safetensors'), tensors, {**metadata, 'pooling': pooling})
            if name == 'pyramid18':
                save_safetensors(os.path.join(out, name + '.without.safetensors'),
                                 {','.join(map(str, b)): model.without(b) for b in WITHOUT})
        torch.save({'epoch': 1, 'state_dict': {'module.' + n: t.half() if t.is_floating_point() else t
                                               for n, t in model.state_dict().items()}},
                   os.path.join(out, name + '.pth'))
        print(name, *(f'{n}{list(t.shape)} rms {t.pow(2).mean().sqrt():.3f}' for n, t in tensors.items()), sep='\n  ')


if __name__ == '__main__':
    main(sys.argv[1])
