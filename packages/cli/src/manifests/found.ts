/** What was found in files and documents: Secrets with their place, what was refused and why, what was passed over. */
import type { KubeSecret } from './kube-secret.ts';

export interface FoundSecret {
  readonly secret: KubeSecret;
  /** `app.yaml:12` */
  readonly source: string;
}

export interface Refused {
  readonly source: string;
  readonly reason: string;
}

export class Found {
  readonly secrets: FoundSecret[] = [];
  readonly refused: Refused[] = [];
  /** Why → how many. */
  readonly skipped = new Map<string, number>();

  refuse(source: string, reason: string): void {
    this.refused.push({ source, reason });
  }

  skip(why: string, count = 1): void {
    this.skipped.set(why, (this.skipped.get(why) ?? 0) + count);
  }
}
