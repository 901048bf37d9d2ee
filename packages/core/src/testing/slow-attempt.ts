import type { Overdue, Progress } from '../failover/transport.ts';

/** An attempt that ends when a test says so, and whose time is over when a test says so. */
export class SlowAttempt {
  /** The times given to it after it was overdue, in ms. */
  readonly waits: number[] = [];
  next: Promise<Progress<string>>;
  isAnswering = false;
  #resolve: (progress: Progress<string>) => void = () => {};

  constructor() {
    this.next = this.#renew();
  }

  end(result: Progress<string>): void {
    this.#resolve(result);
  }

  /** The time given to it is over. */
  beOverdue(wasSent = true): void {
    const tell = this.#resolve;
    const later = this.#renew();
    const overdue: Overdue<string> = {
      kind: 'overdue',
      wasSent,
      isAnswering: this.isAnswering,
      waitFor: (ms) => {
        this.waits.push(ms);
        return later;
      },
      giveUp: () => {
        this.end({ kind: 'failed', failure: 'header-timeout', wasSent });
        return later;
      },
    };
    tell(overdue);
  }

  #renew(): Promise<Progress<string>> {
    return (this.next = new Promise((resolve) => {
      this.#resolve = resolve;
    }));
  }
}
