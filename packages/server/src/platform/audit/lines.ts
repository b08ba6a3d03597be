/** A batch as its lines, without their ends; no record holds an end of line. */
const end = 0x0a;

export function* linesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0, next = bytes.indexOf(end); next >= 0; at = next + 1, next = bytes.indexOf(end, at))
    yield bytes.subarray(at, next);
}
