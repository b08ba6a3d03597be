/** A way to a server that loses one COMMIT: on its way there, or the answer to it. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';

export type Loss = 'request' | 'answer';

/** As the Bind message of the prepared statement has it: no portal, its name, no parameters. */
const commitSent = Buffer.from('\u0000commit\u0000');

export class CuttingRelay {
  readonly port: number;
  readonly #server: Server;
  #next: Loss | undefined;
  losses = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async to(port: number): Promise<CuttingRelay> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const relay = new CuttingRelay(server, (server.address() as AddressInfo).port);
    relay.#serve(port);
    return relay;
  }

  /** The next COMMIT that comes along, on whatever connection. */
  loseNext(what: Loss): void {
    this.#next = what;
  }

  #serve(port: number): void {
    this.#server.on('connection', near => {
      const far = connect(port, '127.0.0.1');
      let isDeaf = false;
      const end = (): void => {
        near.destroy();
        far.destroy();
      };
      for (const socket of [near, far]) socket.on('error', end).on('close', end);
      near.on('data', (bytes: Buffer) => {
        const loss = bytes.includes(commitSent) ? this.#next : undefined;
        if (loss === undefined) return void far.write(bytes);
        this.#next = undefined;
        this.losses++;
        if (loss === 'request') return end();
        isDeaf = true;
        far.write(bytes);
        // The server answers, and nobody hears it.
        return undefined;
      });
      far.on('data', (bytes: Buffer) => {
        if (isDeaf) end();
        else near.write(bytes);
      });
    });
  }

  close(): void {
    this.#server.close();
  }
}
