// SPDX-License-Identifier: MIT
// ONNX Runtime as a worker of peers.py (see README.md for what it is told and answers).
//
// usage: NODE_PATH=… node peer-onnxruntime.js HEIGHT WIDTH PATH THREADS OUTPUT
'use strict';
const fs = require('fs');
const readline = require('readline');
const onnxruntime = require('onnxruntime-node');

async function main(height, width, path, threads, output) {
  const bytes = fs.readFileSync(path + '.input');
  const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const shape = [1, 3, Number(height), Number(width)];
  const feeds = {input: new onnxruntime.Tensor('float32', floats, shape)};
  let session = null;

  console.log('ready', onnxruntime.env.versions.node, threads);
  for await (const line of readline.createInterface({input: process.stdin})) {
    const start = performance.now();
    if (line === 'load') {
      session = await onnxruntime.InferenceSession.create(path + '.onnx', {
        executionProviders: ['cpu'],
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        interOpNumThreads: 1,
        intraOpNumThreads: Number(threads),
        logSeverityLevel: 3,
      });
    }
    const loaded = performance.now();
    const {logits} = await session.run(feeds);
    const done = performance.now();
    if (line === 'load')
      fs.writeFileSync(output, Buffer.from(logits.data.buffer, logits.data.byteOffset,
                                           logits.data.byteLength));
    console.log(loaded - start, done - loaded);
  }
}

main(...process.argv.slice(2));
