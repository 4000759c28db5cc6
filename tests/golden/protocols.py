#!/usr/bin/env python3
"""Make golden results of the test protocols of several projects; our own, independent of the engine, written from a
description of those projects (Debian: python3-torch, python3-opencv, python3-pil, python3-numpy).  Photos and results
are resized by the libraries that the projects use; MATLAB's imresize is our own.

usage: protocols.py OUT_DIR

For each case NAME.protocol.safetensors: a photo [h, w, 3], 0 to 255, and the probabilities [K, h, w] that the protocol
leads to with the random network of that name (reference-FAMILY.py, golden.py)."""
import importlib.util, math, os, sys
import cv2
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from family import finish_weights
from golden import save_safetensors
from pspnet import PSPNet

MEAN, STD = torch.tensor([123.675, 116.28, 103.53]), torch.tensor([58.395, 57.12, 57.375])
CAFFE_MEAN = torch.tensor([123.68, 116.779, 103.939])
PHOTO = (43, 58)


def load(name):
    """The weights of NAME.pth and the like, made again from their seeds."""
    family = {'caffe': 'caffe', 'mmseg': 'mmsegmentation', 'csail': 'csail', 'gluon': 'gluoncv'}
    family = next((f for p, f in family.items() if name.startswith(p)), None)
    if family is None:
        state = torch.load(os.path.join(HERE, name + '.pth'))['state_dict']
        model = PSPNet(18, state['module.cls.4.weight'].shape[0], (1, 2, 3, 6), 8, 32)
        model.load_state_dict({k[len('module.'):]: v for k, v in state.items()})
        return model.eval()
    spec = importlib.util.spec_from_file_location(family, os.path.join(HERE, f'reference-{family}.py'))
    m = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(m)
    case = m.CASES[name]
    if family == 'mmsegmentation':
        return finish_weights(m.Segmentor(*case[:-2]), 200 + list(m.CASES).index(name))
    model = finish_weights((m.Network if family == 'csail' else m.PSPNet)(*case[1:5 if family == 'caffe' else -2]), case[0])
    if family == 'caffe':
        model.convs['conv1_1_3x3_s2'].weight.data /= 64
    return model


def tensor(image):
    return torch.from_numpy(np.asarray(image).astype(np.float32)).permute(2, 0, 1)[None]


def forward(model, x, size=None, align=True):
    logits = model.logits(x)[0] if hasattr(model, 'logits') else model.activations(x)['logits']
    return F.interpolate(logits, size or x.shape[2:], mode='bilinear', align_corners=align)


def normalise(x, mean=MEAN, std=STD):
    return (x - mean.view(1, 3, 1, 1)) / std.view(1, 3, 1, 1)


def sides(h, w, longer, other):
    """Height and width, of which the longer one is known."""
    return (longer, other(longer / h * w)) if h > w else (other(longer / w * h), longer)


# MATLAB

def matlab_weights(n, out):
    """imresize's matrix for one axis: a triangle, stretched where the image shrinks; borders are mirrored."""
    scale = out / n
    shrink = min(scale, 1)
    m = np.zeros((out, n))
    for i in range(out):
        u = (i + 1) / scale + .5 * (1 - 1 / scale)
        left = math.floor(u - 1 / shrink)
        places = np.arange(left, left + math.ceil(2 / shrink) + 2)
        w = np.maximum(0, 1 - np.abs(shrink * (u - places))) * shrink
        mirrored = np.concatenate([np.arange(n), np.arange(n)[::-1]])[(places - 1) % (2 * n)]
        np.add.at(m[i], mirrored, w / w.sum())
    return m


def matlab_resize(a, h, w):
    """a [H, W, C]: the axis that shrinks more first; bytes stay bytes after each.  Halves are frequent, and which way a
    sum of fractions misses one depends on its order: they become the larger byte, as in exact arithmetic."""
    for axis in np.argsort([h / a.shape[0], w / a.shape[1]], kind='stable'):
        m = matlab_weights(a.shape[axis], (h, w)[axis])
        if (h, w)[axis] != a.shape[axis]:
            r = np.moveaxis(np.tensordot(m, a.astype(np.float64), (1, axis)), 0, axis)
            a = np.clip(np.floor(r + .5 + 1e-9), 0, 255).astype(np.uint8) if a.dtype == np.uint8 else r
    return a


def caffe(model, image, scales, flip, crop, base):
    h, w = image.shape[:2]
    total = 0
    for s in scales:
        singles = np.float32([h, w, math.floor(base * s + 1)])
        nh, nw = map(int, sides(*singles, lambda v: math.floor(float(v) + .5)))
        x = normalise(tensor(matlab_resize(image, nh, nw)), CAFFE_MEAN, torch.ones(3))
        x = F.pad(x, (0, max(crop - nw, 0), 0, max(crop - nh, 0)))
        acc = count = 0
        for i, j, tile in tiles(x, crop):
            z = forward(model, tile)
            z = z + forward(model, tile.flip(3)).flip(3) if flip else z
            e = (z - z.amax(1, True)).exp()
            p = F.pad(e / e.sum(1, True), (j, x.shape[3] - j - crop, i, x.shape[2] - i - crop))
            one = F.pad(torch.ones(1, 1, crop, crop), (j, x.shape[3] - j - crop, i, x.shape[2] - i - crop))
            acc, count = acc + p, count + one
        p = (acc / count)[0, :, :nh, :nw].permute(1, 2, 0).numpy()
        p = matlab_resize(p, h, w)
        total = total + p / p.sum(2, keepdims=True)
    return torch.from_numpy(total / len(scales)).permute(2, 0, 1)[None].float()


def tiles(x, crop):
    """Windows of crop (a side, or height and width) that end with the picture."""
    ch, cw = crop if isinstance(crop, tuple) else (crop, crop)
    H, W = x.shape[2:]
    stride = math.ceil(max(ch, cw) * 2 / 3)
    for i in range(math.ceil(max(H - ch, 0) / stride) + 1):
        for j in range(math.ceil(max(W - cw, 0) / stride) + 1):
            b, r = min(i * stride + ch, H), min(j * stride + cw, W)
            yield b - ch, r - cw, x[:, :, b - ch:b, r - cw:r]


def opencv_resize(a, h, w):
    """Bytes or floats [H, W, C]."""
    return cv2.resize(a, (w, h), interpolation=cv2.INTER_LINEAR)


# mmsegmentation

def mmsegmentation(model, image, scales, flip, crop, base):
    h, w = image.shape[:2]
    total = []
    for s in scales:
        more = int(model.align)
        ratio = min(int((4 * base + more) * s) / max(h, w), int((base + more) * s) / min(h, w))
        x = normalise(tensor(opencv_resize(image, int(h * ratio + .5), int(w * ratio + .5))))
        for mirrored in (False, True) if flip else (False,):
            x_ = x.flip(3) if mirrored else x
            H, W = x.shape[2:]
            size = (H, W) if crop is None else (min(crop, H), min(crop, W))
            acc, count = 0, 0
            stride = max(H, W) if crop is None else math.ceil(crop * 2 / 3)
            for i in range(math.ceil(max(H - size[0], 0) / stride) + 1):
                for j in range(math.ceil(max(W - size[1], 0) / stride) + 1):
                    b, r = min(i * stride + size[0], H), min(j * stride + size[1], W)
                    around = (r - size[1], W - r, b - size[0], H - b)
                    z = forward(model, x_[:, :, b - size[0]:b, r - size[1]:r], align=model.align)
                    acc, count = acc + F.pad(z, around), count + F.pad(torch.ones_like(z), around)
            p = F.interpolate(acc / count, (h, w), mode='bilinear', align_corners=model.align).softmax(1)
            total.append(p.flip(3) if mirrored else p)
    return sum(total) / len(total)


# CSAIL

def csail(model, image, scales, flip, crop, base):
    h, w = image.shape[:2]
    total = 0
    for short in scales:
        ratio = min(short / min(h, w), 1000 / max(h, w))
        nh, nw = (math.ceil(int(n * ratio) / 8) * 8 for n in (h, w))
        resized = Image.fromarray(image).resize((nw, nh), Image.BILINEAR)
        total = total + forward(model, normalise(tensor(resized)), (h, w), False).softmax(1)
    return total / len(scales)


# GluonCV

def gluoncv(model, image, scales, flip, crop, base):
    h, w = image.shape[:2]
    x0 = normalise(tensor(image))
    black = normalise(torch.zeros(1, 3, 1, 1))
    resize = lambda x, size: F.interpolate(x, size, mode='bilinear', align_corners=True)
    pad = lambda x: torch.cat([F.pad(x[:, c:c + 1], (0, max(crop - x.shape[3], 0), 0, max(crop - x.shape[2], 0)),
                                     value=float(black[0, c])) for c in range(3)], 1)
    total = 0
    for s in scales:
        nh, nw = sides(h, w, math.ceil(base * s), lambda v: int(v + .5))
        x = pad(resize(x0, (nh, nw)))
        H, W = x.shape[2:]
        acc, count, stride = 0, 0, int(crop * 2 / 3)
        for i in range(0, math.ceil((H - crop) / stride) + 1):
            for j in range(0, math.ceil((W - crop) / stride) + 1):
                t, l = i * stride, j * stride
                b, r = min(t + crop, H), min(l + crop, W)
                tile = pad(x[:, :, t:b, l:r])
                z = forward(model, tile) + forward(model, tile.flip(3)).flip(3)
                around = (l, W - r, t, H - b)
                e = z.exp()[:, :, :b - t, :r - l]
                acc, count = acc + F.pad(e, around), count + F.pad(torch.ones_like(e), around)
        total = total + resize((acc / count)[:, :, :nh, :nw], (h, w))
    return total / total.sum(1, True)


# mseg-semantic

def mseg(model, image, scales, flip, crop, base):
    h, w = image.shape[:2]
    total = 0
    for s in scales:
        short = round(s * base)
        nh, nw = (round(short / w * h), short) if h > w else (short, round(short / h * w))
        x = normalise(tensor(opencv_resize(image.astype(np.float32), nh, nw)))
        top, left = max(crop - nh, 0) // 2, max(crop - nw, 0) // 2
        x = F.pad(x, (left, max(crop - nw, 0) - left, top, max(crop - nh, 0) - top))
        acc = count = 0
        for i, j, tile in tiles(x, crop):
            p = (forward(model, tile).softmax(1) + forward(model, tile.flip(3)).softmax(1).flip(3)) / 2
            around = (j, x.shape[3] - j - crop, i, x.shape[2] - i - crop)
            acc, count = acc + F.pad(p, around), count + F.pad(torch.ones_like(p), around)
        p = (acc / count)[0, :, top:top + nh, left:left + nw].permute(1, 2, 0).contiguous().numpy()
        total = total + tensor(opencv_resize(p, h, w))
    return total / len(scales)


CASES = {  # the same in tests/engine/test-protocol.c
    'caffe50': (caffe, [.75, 1.25], True, 57, 80),
    'caffe101': (caffe, [.5], False, 41, 64),
    'mmseg50': (mmsegmentation, [1, 1.25], True, None, 56),
    'mmseg18b': (mmsegmentation, [1], True, 49, 60),
    'mmseg18': (mmsegmentation, [1], False, 70, 50),
    'csail18': (csail, [48, 64, 30], False, None, 1),
    'gluon50': (gluoncv, [.5, 1.2], True, 48, 70),
    'tiny18': (mseg, [1, .7], True, 57, 60),
}


def main(out):
    for name, (protocol, *options) in CASES.items():
        g = torch.Generator().manual_seed(len(name))
        photo = torch.randint(0, 256, (*PHOTO, 3), generator=g).to(torch.uint8)
        photo[8:30, 10:40] //= 3  # not only noise
        with torch.no_grad():
            p = protocol(load(name), photo.numpy(), *options)[0].contiguous()
        assert (p.sum(0) - 1).abs().max() < 1e-5
        save_safetensors(os.path.join(out, name + '.protocol.safetensors'), {'photo': photo.float(), 'probabilities': p})
        print(name, list(p.shape), p.max(0).values.mean())


if __name__ == '__main__':
    main(sys.argv[1])
