/**
 * Where answers of some length are laid out before they leave. Nearly always the kernel has taken all of an answer when its write
 * returns, and the next one is laid out in the same place: no memory is asked for, and none has to be collected. Short ones come
 * out of the runtime's own pool; long ones would keep too much where a client does not read.
 */
import type { Socket } from '../platform/net/socket.ts';

export const leastBytes = 4_096;
export const mostBytes = 34_816;

export class Room {
  #bytes = Buffer.alloc(0);
  #isFree = false;

  /** So many bytes, with anything in them. Whoever takes them writes them to one socket, and says so by `left`. */
  take(length: number): Buffer {
    if (length < leastBytes || length > mostBytes) return Buffer.allocUnsafe(length);
    if (!this.#isFree) this.#bytes = Buffer.allocUnsafeSlow(mostBytes);
    this.#isFree = false;
    return this.#bytes.subarray(0, length);
  }

  /** They were written; where the socket still holds some of them they are its own. */
  left(taken: Buffer, socket: Pick<Socket, 'writableLength'>): void {
    if (taken.buffer === this.#bytes.buffer && socket.writableLength === 0) this.#isFree = true;
  }
}
