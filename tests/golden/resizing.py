#!/usr/bin/env python3
"""Make golden results of the libraries that resize and read photos for other projects: OpenCV, Pillow and PyTorch
themselves (Debian: python3-opencv, python3-pil, python3-torch).

usage: resizing.py OUT_DIR

Writes resizing.safetensors. Its names are KIND.SOURCE.RESULT, of which the source is a tensor too:
  bytes.P.HxW    photo P [h, w, 3] resized by cv2.resize() as bytes, INTER_LINEAR
  floats.P.HxW   the same in float32
  pillow.P.HxW   by Pillow's BILINEAR
  opencv.M.HxW   map M [h, w, C] resized by cv2.resize() in float32
  centred.M.HxW  by F.interpolate(), align_corners=False
  aligned.M.HxW  by F.interpolate(), align_corners=True
  decoded.F.rgb  the pixels of the file F, its bytes, as cv2.imread() reads them; CMYK as Pillow does"""
import io, os, sys
import cv2
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from golden import save_safetensors

# Halves, doubles, scales from 0.75 to 1.75, one axis only, odd sides, sides of 1; in strips, the sides of protocols.
PHOTOS = {
    'noise': ((16, 22), [(8, 11), (32, 44), (8, 22), (16, 44), (12, 17), (20, 28), (28, 39), (16, 22), (17, 23),
                         (15, 21), (7, 43), (1, 1), (35, 3)]),
    'dot': ((1, 1), [(1, 1), (3, 5)]),
    'odd': ((5, 7), [(2, 3), (10, 14), (11, 13)]),
    'row': ((1, 2048), [(1, 1024), (1, 1536), (1, 2049)]),
    'column': ((683, 1), [(300, 1), (512, 2), (1195, 1)]),
}
MAPS = {
    'one': ((2, 357, 1), [(2, 360), (1, 714), (1, 300)]),
    'three': ((6, 8, 3), [(3, 4), (12, 16), (6, 5), (7, 9), (1, 1)]),
    'cityscapes': ((6, 8, 19), [(3, 4), (7, 9)]),
    'ade20k': ((2, 3, 150), [(4, 5), (1, 1)]),
}


def draw_noise(rng, shape):
    return rng.integers(0, 256, shape).astype(np.uint8)


def add_photos(tensors, rng):
    for name, (size, results) in PHOTOS.items():
        photo = tensors[name] = draw_noise(rng, (*size, 3))
        for h, w in results:
            end = f'.{name}.{h}x{w}'
            tensors['bytes' + end] = cv2.resize(photo, (w, h), interpolation=cv2.INTER_LINEAR)
            tensors['floats' + end] = cv2.resize(photo.astype(np.float32), (w, h), interpolation=cv2.INTER_LINEAR)
            tensors['pillow' + end] = np.asarray(Image.fromarray(photo).resize((w, h), Image.BILINEAR))


def interpolate(a, size, align):
    x = torch.from_numpy(a).permute(2, 0, 1)[None]
    return F.interpolate(x, size, mode='bilinear', align_corners=align)[0].permute(1, 2, 0).numpy()


def add_maps(tensors, rng):
    for name, (shape, results) in MAPS.items():
        a = tensors[name] = rng.random(shape).astype(np.float32)
        for h, w in results:
            end = f'.{name}.{h}x{w}'
            tensors['opencv' + end] = cv2.resize(a, (w, h), interpolation=cv2.INTER_LINEAR).reshape(h, w, -1)
            tensors['centred' + end] = interpolate(a, (h, w), False)
            tensors['aligned' + end] = interpolate(a, (h, w), True)


def save(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return np.frombuffer(buffer.getvalue(), np.uint8)


def encode_files(rng):
    """name: bytes; odd sizes, so that blocks and subsampled colours end outside."""
    smooth = cv2.resize(draw_noise(rng, (6, 7, 3)), (29, 27), interpolation=cv2.INTER_CUBIC)
    photo = Image.fromarray(smooth)
    turned = Image.Exif()
    turned[0x0112] = 6
    deep = rng.integers(0, 65536, (9, 11, 3)).astype(np.uint16)
    veil = Image.fromarray(draw_noise(rng, (27, 29)))
    clear = photo.copy()
    clear.putalpha(veil)
    palette = photo.quantize(13)
    return {
        'jpeg444': save(photo, 'JPEG', quality=90, subsampling=0),
        'jpeg422': save(photo, 'JPEG', quality=75, subsampling=1),
        'jpeg420': save(photo, 'JPEG', quality=75, subsampling=2),
        'progressive': save(photo, 'JPEG', quality=50, subsampling=2, progressive=True),
        'greyjpeg': save(photo.convert('L'), 'JPEG'),
        'turned': save(photo, 'JPEG', exif=turned.tobytes()),
        'cmyk': save(photo.convert('CMYK'), 'JPEG'),
        'rgb': save(photo, 'PNG'),
        'turnedpng': save(photo, 'PNG', exif=turned.tobytes()),
        'rgba': save(clear, 'PNG'),
        'greyalpha': save(clear.convert('LA'), 'PNG'),
        'grey': save(photo.convert('L'), 'PNG'),
        'palette': save(palette, 'PNG'),
        'clearpalette': save(palette, 'PNG', transparency=bytes(range(0, 250, 20))),
        'bits': save(photo.convert('1'), 'PNG'),
        'rgb16': cv2.imencode('.png', deep)[1].ravel(),
        'grey16': cv2.imencode('.png', deep[:, :, 0])[1].ravel(),
    }


def add_files(tensors, rng):
    for name, content in encode_files(rng).items():
        tensors[name] = content
        if name == 'cmyk':
            tensors[f'decoded.{name}.rgb'] = np.asarray(Image.open(io.BytesIO(content.tobytes())).convert('RGB'))
        else:
            tensors[f'decoded.{name}.rgb'] = cv2.imdecode(content, cv2.IMREAD_COLOR)[:, :, ::-1]


def main(out):
    tensors, rng = {}, np.random.default_rng(1)
    add_photos(tensors, rng)
    add_maps(tensors, rng)
    add_files(tensors, rng)
    save_safetensors(os.path.join(out, 'resizing.safetensors'),
                     {name: torch.from_numpy(np.array(a)) for name, a in tensors.items()}, keep_bytes=True)


if __name__ == '__main__':
    main(sys.argv[1])
