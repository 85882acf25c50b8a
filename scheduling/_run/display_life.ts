/** Loads the display of a run when one asks for it, so that importing the package stays fast. @module */

import { type OutputStream, print } from "../_base/printer.ts";
import { noticeNoDisplay } from "./notices.ts";
import { listenToPrinting } from "../display/_printing.ts";
import type { DisplayedScheduler, RunDisplay } from "../display/_run_display.ts";
import type { DisplaySettings } from "../display_options.ts";
import type { Call } from "../executor.ts";

type Printed = Parameters<RunDisplay["printed"]>;

/** The display of one run. What it throws never reaches the run. */
export class DisplayLife {
  // Text that was printed before the display is loaded.
  readonly #waiting: Printed[] = [];
  readonly #display: Promise<RunDisplay | undefined>;
  #printed: RunDisplay["printed"] = (...printed) => void this.#waiting.push(printed);

  constructor(settings: DisplaySettings, scheduler: DisplayedScheduler) {
    this.#display = this.#begin(settings, scheduler);
  }

  /** Shows text that a call printed; `call` is undefined for text printed between calls. */
  printed(text: string, stream: OutputStream, call: Call | undefined): void {
    try {
      this.#printed(text, stream, call);
    } catch {
      print(text, stream);
    }
  }

  /** Shows how the run has ended. */
  async end(): Promise<void> {
    const display = await this.#display;
    try {
      await display?.end();
    } catch {
      // A display never fails a run.
    }
  }

  async #begin(
    settings: DisplaySettings,
    scheduler: DisplayedScheduler,
  ): Promise<RunDisplay | undefined> {
    let stopListening = () => {};
    try {
      // Before `start`: a callback may look up `console.log` now, and call it when a frame is drawn.
      stopListening = listenToPrinting({ printing() {}, printed() {} });
      const before = scheduler.statistics();
      const { openDisplay } = await import("../display/_open_display.ts");
      const display = await openDisplay(scheduler, settings, before);
      display.begin();
      this.#printed = (...printed) => display.printed(...printed);
      return display;
    } catch (error) {
      noticeNoDisplay(error);
      this.#printed = print;
      return undefined;
    } finally {
      stopListening();
      for (const printed of this.#waiting.splice(0)) this.printed(...printed);
    }
  }
}
