import { forget, whenDone } from "./operations";
import { host } from "./host";

/**
 * Keeps the instance awake while closures are held for connections: a sleeping actor keeps its
 * connections, but not the functions that listen to them. An open timer does it, since the host lets
 * nobody with timers sleep unless memory runs short.
 */
const PERIOD_MILLIS = 10 * 60_000;
let holders = 0;
let timer = 0;

export function holdAwake(): void {
  holders++;
  if (timer === 0) {
    renew();
  }
}

export function letSleep(): void {
  holders--;
  if (holders === 0 && timer !== 0) {
    if (forget(timer)) {
      host.timerCancel(timer);
    }
    timer = 0;
  }
}

function renew(): void {
  timer = host.timerStart(PERIOD_MILLIS);
  if (timer !== 0) {
    whenDone(timer, () => {
      timer = 0;
      if (holders > 0) {
        renew();
      }
    });
  }
}
