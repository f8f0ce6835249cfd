// Finds how rough an image is: a candidate that speaks the wire protocol of dmn-bench by itself. Node alone, no package.
"use strict";
const fs = require("node:fs");

const ITEMS = {
  "|u1": Uint8Array, "|i1": Int8Array, "<u2": Uint16Array, "<i2": Int16Array,
  "<u4": Uint32Array, "<i4": Int32Array, "<f4": Float32Array, "<f8": Float64Array, // all little endian, as this machine is
};

function main() {
  console.log = console.error; // whatever is printed from here on does not end up between the frames
  let options = {};
  for (let message = receive(); message !== null && message.message !== "stop"; message = receive()) {
    if (message.message === "load" && message.wire !== 1) {
      send({ message: "error", where: "load", error: "this program speaks version 1" });
    } else if (message.message === "load") {
      options = message.options; // a real product reads its weights here, once
      send({ message: "ready" });
    } else if (message.message === "ask") {
      send(reply(message.request, options));
    } else if (message.message === "ask_batch") {
      for (const request of message.requests) send(reply(request, options)); // each as soon as it is known
    }
  }
}

// The message that answers one request. Whatever goes wrong costs this request and no other.
function reply(request, options) {
  const start = process.hrtime.bigint();
  const ofRequest = { request_id: request.request_id };
  try {
    const answer = judge(request.images, options.finding);
    return { ...ofRequest, message: "answer", answer, seconds: Number(process.hrtime.bigint() - start) / 1e9 };
  } catch (error) {
    return { ...ofRequest, message: "error", where: "answer", error: String(error) };
  }
}

// The score of the roughest image, and a mark at its steepest step.
function judge(images, finding) {
  let best = 0;
  const marks = [];
  for (const { name, pixels: { values, shape } } of images) {
    if (shape.length !== 2 || shape[1] < 2) {
      return { status: "rejected_input", reason: "one grey image with one frame is expected" };
    }
    const [rows, columns] = shape;
    let low = Infinity, high = -Infinity, total = 0, steepest = -1, place = 0;
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (low === high) return { status: "abstained", reason: "the image is uniform" };
    for (let row = 0; row < rows; row++) {
      for (let i = row * columns; i < (row + 1) * columns - 1; i++) {
        const step = Math.abs(values[i + 1] - values[i]);
        total += step;
        if (step > steepest) [steepest, place] = [step, i];
      }
    }
    const score = total / (rows * (columns - 1)) / (high - low);
    best = Math.max(best, score);
    const x = (place % columns) + 1, y = Math.floor(place / columns) + 0.5; // between two pixels; (0, 0) is the corner
    marks.push({ finding, image: name, x, y, score });
  }
  return { status: "answered", findings: { [finding]: { score: best } }, marks };
}

// One message, null at the end of input. An array becomes {values, shape}.
function receive() {
  const prefix = readExactly(4);
  if (prefix === null) return null;
  const header = JSON.parse(readExactly(prefix.readUInt32BE(0)).toString("utf8"));
  const arrays = header.buffers.map(({ dtype, shape, bytes }) => {
    return { values: new ITEMS[dtype](readExactly(bytes).buffer), shape };
  });
  return filled(header, arrays);
}

// The same value with every {"$buffer": index} replaced by the array of that index.
function filled(value, arrays) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => filled(item, arrays));
  if ("$buffer" in value) return arrays[value.$buffer];
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, arrays)]));
}

// So many bytes of standard input, in memory of their own; null at its end.
function readExactly(size) {
  const data = Buffer.from(new ArrayBuffer(size));
  for (let done = 0; done < size; ) {
    const count = fs.readSync(0, data, done, size - done);
    if (count === 0) return null;
    done += count;
  }
  return data;
}

// One message; no array is ever sent back here, so there are no buffers.
function send(message) {
  const header = Buffer.from(JSON.stringify(message));
  const frame = Buffer.alloc(4 + header.length);
  frame.writeUInt32BE(header.length, 0);
  header.copy(frame, 4);
  for (let done = 0; done < frame.length; ) done += fs.writeSync(1, frame, done);
}

main();
