/** The names on the server that belong to a queue. @module */

/** The subjects of a queue, and its stream. */
export class Subjects {
  /** The stream with the logs of all runs. */
  readonly stream: string;
  /** What the stream stores. */
  readonly logs: string;
  /** Schedulers announce their runs here. */
  readonly runs: string;
  /** Workers announce themselves here. */
  readonly workers: string;
  readonly #prefix: string;

  constructor(queue: string) {
    this.#prefix = `amltk.${queue}`;
    this.stream = `AMLTK_${queue}`;
    this.logs = `${this.#prefix}.log.>`;
    this.runs = `${this.#prefix}.runs`;
    this.workers = `${this.#prefix}.workers`;
  }

  /** Takes the commands for one session. */
  commands(session: string): string {
    return `${this.#prefix}.to.${session}`;
  }

  /** Answered by the scheduler of a run. */
  scheduler(run: string): string {
    return `${this.#prefix}.run.${run}`;
  }

  /** The subjects of a run in the stream. */
  ofRun(run: string): RunSubjects {
    return new RunSubjects(`${this.#prefix}.log.${run}`);
  }
}

/** The subjects of a run. */
export class RunSubjects {
  /** All that the stream stores of the run. */
  readonly all: string;
  /** The logs of all sessions. */
  readonly sessions: string;
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.all = `${prefix}.>`;
    this.sessions = `${prefix}.s.*`;
  }

  /** The log of a session, which its worker writes. */
  session(id: string): string {
    return `${this.#prefix}.s.${id}`;
  }

  /** A part of a shared value. */
  value(id: number, part: number | "*"): string {
    return `${this.#prefix}.v.${id}.${part}`;
  }
}

/** The session whose log has this subject. */
export function sessionOf(subject: string): string {
  return subject.slice(subject.lastIndexOf(".") + 1);
}
